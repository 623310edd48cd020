package io.github.multiprom.exposition.format;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A byte array that grows. One thread. */
class Bytes {
  private static final int MIN_CAPACITY = 1024;

  byte[] array;
  int length;

  Bytes() {
    this(MIN_CAPACITY);
  }

  /** Bytes with room for so many. */
  Bytes(int capacity) {
    array = new byte[capacity];
  }

  /** Makes room for so many bytes more. */
  void need(int more) {
    int needed = Math.addExact(length, more);
    if (needed > array.length) {
      array =
          Arrays.copyOf(
              array, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, 2L * array.length)));
    }
  }

  void add(byte[] from, int start, int end) {
    need(end - start);
    System.arraycopy(from, start, array, length, end - start);
    length += end - start;
  }

  void add(byte[] from) {
    add(from, 0, from.length);
  }

  void add(char ascii) {
    need(1);
    array[length++] = (byte) ascii;
  }

  void add(String text) {
    add(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds a line: some bytes and a number as Go prints it. */
  void addLine(byte[] from, int start, int end, double number) {
    need(end - start + GoNumbers.MAX_LENGTH + 1);
    System.arraycopy(from, start, array, length, end - start);
    int numberEnd = GoNumbers.print(number, array, length + end - start);
    array[numberEnd] = '\n';
    length = numberEnd + 1;
  }

  /** Adds a number as Go prints it, and ends the line. */
  void addNumber(double number) {
    addLine(array, 0, 0, number);
  }

  byte[] toArray() {
    return Arrays.copyOf(array, length);
  }
}
