/* SPDX-License-Identifier: Apache-2.0 */
/* host_processes HOW: the ways in which a program makes others and becomes another.  No word of sgperf. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static char *const echo_child[] = {"/bin/echo", "child", NULL};

static int show(const char *what, pid_t pid) {
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, __WALL) != pid) return 1;
  printf("%s ended: exited %d code %d signal %d\n", what, WIFEXITED(status) ? 1 : 0,
         WIFEXITED(status) ? WEXITSTATUS(status) : -1, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  return 0;
}

static int by_vfork(void) {
  pid_t pid = vfork();
  if (pid == 0) {
    execve(echo_child[0], echo_child, environ);
    _exit(127);
  }
  if (show("exec in vfork", pid)) return 1;
  pid = vfork();
  if (pid == 0) _exit(9);
  return show("_exit in vfork", pid);
}

static int by_vfork_syscall(void) {
  pid_t pid = (pid_t)syscall(SYS_vfork);
  if (pid == 0) _exit(8);
  return show("raw vfork", pid);
}

static int by_spawn(void) {
  pid_t pid = 0;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "spawned", O_WRONLY | O_CREAT, 0600);
  if (posix_spawn(&pid, echo_child[0], &actions, NULL, echo_child, environ) != 0) return 1;
  posix_spawn_file_actions_destroy(&actions);
  char *const nothing[] = {"/nonexistent", NULL};
  pid_t none = 0;
  printf("of nothing: %s\n", strerror(posix_spawn(&none, nothing[0], NULL, NULL, nothing, environ)));
  return show("posix_spawn", pid);
}

static int in_clone(void *number) {
  return *(int *)number;
}
static int by_clone(void) {
  static char stack[65536] __attribute__((aligned(16)));
  int code = 11;
  if (show("clone", clone(in_clone, stack + sizeof stack, SIGCHLD, &code))) return 1;
  code = 12;
  if (show("clone with the memory shared", clone(in_clone, stack + sizeof stack, CLONE_VM | SIGCHLD, &code))) return 1;
  /* A fork that no pthread_atfork handler hears of. */
  pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) {
    printf("in the child\n");
    exit(13);
  }
  return show("raw clone", pid);
}

static int by_fork(void) {
  pid_t pid = fork();
  if (pid == 0) {
    pid_t inner = fork();
    if (inner == 0) abort();
    if (show("grandchild", inner)) exit(1);
    exit(14);
  }
  return show("fork", pid);
}

static int many_forks(void) {
  int sum = 0;
  for (int i = 0; i < 100; i++) {
    pid_t pid = fork();
    int status = 0;
    if (pid == 0) _exit(i);
    if (pid < 0 || waitpid(pid, &status, 0) != pid) return 1;
    sum += WEXITSTATUS(status);
  }
  printf("sum %d\n", sum);
  return 0;
}

/* The daemon tells its parent through a pipe when it is done. */
static int daemonises(void) {
  int ends[2];
  char byte = 0;
  if (pipe(ends) != 0) return 1;
  pid_t pid = fork();
  if (pid == 0) {
    setsid();
    if (fork() != 0) _exit(0);
    for (int fd = 0; fd < 256; fd++)
      if (fd != ends[1]) close(fd);
    if (chdir("/") != 0) _exit(1);
    umask(0);
    int null = open("/dev/null", O_RDWR);
    byte = null == 0 && dup(0) == 1 && dup(0) == 2 ? 'y' : 'n';
    if (write(ends[1], &byte, 1) != 1) _exit(1);
    exit(0);
  }
  close(ends[1]);
  if (show("first child", pid) || read(ends[0], &byte, 1) != 1) return 1;
  printf("the daemon has its three descriptors: %c\n", byte);
  return 0;
}

static int by_shell(void) {
  printf("system %d\n", WEXITSTATUS(system("echo from system; exit 5")));
  fflush(stdout);
  char line[64] = "";
  FILE *pipe = popen("echo from popen", "r");
  if (!pipe || !fgets(line, sizeof line, pipe)) return 1;
  printf("%spclose %d\n", line, pclose(pipe));
  return 0;
}

static int without_environment(void) {
  char *const shell[] = {"/bin/sh", "-c", "echo \"preload is [$LD_PRELOAD]\"", NULL};
  char *const empty[] = {NULL};
  execve(shell[0], shell, empty);
  return 1;
}

static int replaces_itself(void) {
  char *const shell[] = {"/bin/sh", "-c", "echo replaced; exit 6", NULL};
  printf("before\n");
  fflush(stdout);
  execv("/nonexistent", shell);
  printf("no such file: %d\n", errno == ENOENT);
  fflush(stdout);
  execv(shell[0], shell);
  return 1;
}

static void last(void) {
  printf("atexit\n");
}

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  setvbuf(stdout, NULL, _IONBF, 0);
  atexit(last);
  static const struct {
    const char *name;
    int (*run)(void);
  } all[] = {{"vfork", by_vfork},
             {"vfork-syscall", by_vfork_syscall},
             {"spawn", by_spawn},
             {"clone", by_clone},
             {"fork", by_fork},
             {"forks", many_forks},
             {"daemon", daemonises},
             {"shell", by_shell},
             {"no-environment", without_environment},
             {"exec", replaces_itself}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strcmp(how, all[i].name) == 0) return all[i].run();
  return 99;
}
