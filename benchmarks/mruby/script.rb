# SPDX-License-Identifier: Apache-2.0
# What the interpreter does in the workload `mruby`: objects, blocks, strings, hashes, sorting, fibers, numbers.
# No errors are raised: in the module they cannot be caught (build-mruby.sh).

class Queens
  def initialize(size)
    @size = size
    @all = (1 << size) - 1
    @solutions = 0
  end

  attr_reader :solutions

  def place(columns = 0, left = 0, right = 0)
    if columns == @all
      @solutions += 1
      return self
    end
    free = ~(columns | left | right) & @all
    while free != 0
      bit = free & -free
      free ^= bit
      place(columns | bit, (left | bit) << 1, (right | bit) >> 1)
    end
    self
  end
end

Point = Struct.new(:x, :y) do
  def +(other)
    Point.new(x + other.x, y + other.y)
  end
end

def words(count)
  state = 1
  Array.new(count) do
    state = (state * 1103515245 + 12345) % 2147483648
    "w" + (state / 65536 % 997).to_s
  end
end

def mandelbrot(width, height, limit)
  inside = 0
  height.times do |row|
    width.times do |column|
      a = 3.0 * column / width - 2.25
      b = 2.5 * row / height - 1.25
      x = y = 0.0
      n = 0
      while n < limit && x * x + y * y <= 4.0
        x, y = x * x - y * y + a, 2 * x * y + b
        n += 1
      end
      inside += 1 if n == limit
    end
  end
  inside
end

out = []
out << "queens #{Queens.new(7).place.solutions}"

text = words(4000)
frequency = Hash.new(0)
text.each { |word| frequency[word] += 1 }
top = frequency.sort { |a, b| a[1] == b[1] ? a[0] <=> b[0] : b[1] <=> a[1] }
out << "words #{top.size} #{top[0, 3].map { |word, count| "#{word}=#{count}" }.join(" ")}"

out << "mandelbrot #{mandelbrot(40, 30, 50)}"

fibonacci = Fiber.new do
  a, b = 0, 1
  loop do
    Fiber.yield a
    a, b = b, a + b
  end
end
numbers = Array.new(60) { fibonacci.resume }
out << "fibonacci #{numbers.last} #{numbers.select { |n| n % 3 == 0 }.size}"

sum = (1..2000).inject(Point.new(0, 0)) { |total, i| total + Point.new(i, i * i) }
out << "points #{sum.x} #{sum.y}"

harmonic = (1..20).inject(Rational(0)) { |total, i| total + Rational(1, i) }
out << "harmonic #{harmonic.numerator}/#{harmonic.denominator}"

out << format("format %08.3f %x %-6s|", Math.sqrt(2), 48879, "left")
out << "reversed #{text.first(50).join.reverse[0, 24]}"
out << "odd squares #{(1..Float::INFINITY).lazy.map { |n| n * n }.select { |n| n % 2 == 1 }.first(5).join(",")}"
out.join("\n") + "\n"
