# SPDX-License-Identifier: Apache-2.0
"""An operating system in the manner of Richards: tasks, packets, priorities, virtual calls."""

IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = range(6)


class Packet:
    def __init__(self, kind, target):
        self.kind, self.target, self.data, self.at = kind, target, [0] * 4, 0


class Task:
    def __init__(self, system, number, priority):
        self.system, self.number, self.priority = system, number, priority
        self.queue, self.held, self.runs = [], False, 0
        system.tasks[number] = self

    def step(self, packet):
        raise NotImplementedError


class Idle(Task):
    control = 1

    def step(self, packet):
        bit = self.control & 1
        self.control >>= 1
        if bit:
            self.control ^= 0xD008
        self.system.release(DEVICE_B if bit else DEVICE_A)
        self.system.left -= 1


class Worker(Task):
    target, letter = HANDLER_A, 0

    def step(self, packet):
        if packet is None:
            self.held = True
            return
        self.target = HANDLER_B if self.target == HANDLER_A else HANDLER_A
        packet.kind, packet.target, packet.at = "work", self.target, 0
        for i in range(4):
            self.letter = self.letter % 26 + 1
            packet.data[i] = 64 + self.letter
        self.system.send(packet)


class Handler(Task):
    def __init__(self, system, number, priority, device):
        super().__init__(system, number, priority)
        self.device, self.work, self.free = device, [], []

    def step(self, packet):
        if packet is not None:
            (self.work if packet.kind == "work" else self.free).append(packet)
        if self.work:
            first = self.work[0]
            if first.at >= 4:
                self.work.pop(0)
                first.target = WORKER
                self.system.send(first)
                return
            if self.free:
                other = self.free.pop(0)
                other.data[0], other.target = first.data[first.at], self.device
                first.at += 1
                self.system.send(other)
                return
        self.held = packet is None or not self.queue


class Device(Task):
    pending = None
    owner = HANDLER_A

    def step(self, packet):
        if packet is None:
            if self.pending is None:
                self.held = True
                return
            packet, self.pending = self.pending, None
            packet.kind, packet.target = "device", self.owner
            self.system.send(packet)
        else:
            self.pending = packet
            self.system.handled += packet.data[0]
            self.held = True


class System:
    def __init__(self, turns):
        self.tasks, self.left, self.sent, self.handled = {}, turns, 0, 0

    def send(self, packet):
        self.sent += 1
        task = self.tasks[packet.target]
        task.queue.append(packet)
        task.held = False

    def release(self, number):
        self.tasks[number].held = False

    def run(self):
        order = sorted(self.tasks.values(), key=lambda task: -task.priority)
        while self.left > 0:
            for task in order:
                if task.queue or not task.held:
                    task.runs += 1
                    task.step(task.queue.pop(0) if task.queue else None)
                    break


system = System(12000)
Idle(system, IDLE, 0)
Worker(system, WORKER, 1000)
for number, priority, device in ((HANDLER_A, 2000, DEVICE_A), (HANDLER_B, 3000, DEVICE_B)):
    handler = Handler(system, number, priority, device)
    handler.queue = [Packet("device", number) for _ in range(3)]
for number, owner in ((DEVICE_A, HANDLER_A), (DEVICE_B, HANDLER_B)):
    Device(system, number, 4000 + number).owner = owner
system.tasks[WORKER].queue = [Packet("work", WORKER) for _ in range(2)]
system.run()
print("sent", system.sent, "handled", system.handled, "runs", [system.tasks[n].runs for n in range(6)])
