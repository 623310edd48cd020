package io.github.multiprom.exposition.format;

import java.nio.charset.StandardCharsets;

/** The fields of a protobuf message, one after the other. One thread. */
final class Message extends Bytes {
  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int LENGTH_DELIMITED = 2;
  private static final int MAX_VARINT_LENGTH = 10;
  private static final int CAPACITY = 64;

  Message() {
    super(CAPACITY);
  }

  /** Takes away all fields. */
  Message clear() {
    length = 0;
    return this;
  }

  /** Adds a number that is not negative. */
  Message count(int field, long number) {
    tag(field, VARINT);
    addVarint(number, this);
    return this;
  }

  /** Adds a number with a sign. */
  Message signed(int field, long number) {
    return count(field, zigzag(number));
  }

  Message number(int field, double number) {
    tag(field, FIXED_64);
    need(Double.BYTES);
    long bits = Double.doubleToRawLongBits(number);
    for (int i = 0; i < Double.BYTES; i++) {
      array[length++] = (byte) (bits >>> (Byte.SIZE * i));
    }
    return this;
  }

  Message text(int field, String text) {
    tag(field, LENGTH_DELIMITED);
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    addVarint(utf8.length, this);
    add(utf8);
    return this;
  }

  Message message(int field, Message message) {
    tag(field, LENGTH_DELIMITED);
    addVarint(message.length, this);
    add(message.array, 0, message.length);
    return this;
  }

  /** Adds a number with a sign to those that become one packed field. */
  Message packed(long number) {
    addVarint(zigzag(number), this);
    return this;
  }

  /** Writes this message as a field of what is written elsewhere. */
  void writeTo(int field, Bytes out) {
    addVarint((long) field << 3 | LENGTH_DELIMITED, out);
    addVarint(length, out);
    out.add(array, 0, length);
  }

  private void tag(int field, int wireType) {
    addVarint((long) field << 3 | wireType, this);
  }

  private static long zigzag(long number) {
    return number << 1 ^ number >> 63;
  }

  static void addVarint(long number, Bytes out) {
    out.need(MAX_VARINT_LENGTH);
    long rest = number;
    while ((rest & ~0x7FL) != 0) {
      out.array[out.length++] = (byte) ((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.array[out.length++] = (byte) rest;
  }
}
