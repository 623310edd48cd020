package io.github.multiprom.exposition.format;

/** Pieces of text, one after the other. One thread. */
final class Pieces {
  private final Bytes bytes;
  private final int[] ends;
  private int count;

  /**
   * No pieces yet.
   *
   * @param capacity how many pieces there will be
   * @param byteCapacity how many bytes they may have together, roughly
   */
  Pieces(int capacity, int byteCapacity) {
    bytes = new Bytes(byteCapacity);
    ends = new int[capacity];
  }

  /** Where the next piece is written; {@link #end} ends it. */
  Bytes bytes() {
    return bytes;
  }

  void end() {
    ends[count++] = bytes.length;
  }

  /** Adds some of other pieces as they are. */
  void add(Pieces from, int first, int end) {
    int shift = bytes.length - from.start(first);
    bytes.add(from.bytes.array, from.start(first), from.start(end));
    for (int i = first; i < end; i++) {
      ends[count++] = from.ends[i] + shift;
    }
  }

  /** Gives back the room that was not needed. */
  void trim() {
    bytes.array = bytes.toArray();
  }

  private int start(int piece) {
    return piece == 0 ? 0 : ends[piece - 1];
  }

  int count() {
    return count;
  }

  int length() {
    return bytes.length;
  }

  /** Writes a piece and a number as a line. */
  void writeLine(int piece, double number, Bytes out) {
    out.addLine(bytes.array, start(piece), ends[piece], number);
  }

  /** Writes a piece. */
  void write(int piece, Bytes out) {
    out.add(bytes.array, start(piece), ends[piece]);
  }

  /** Writes all pieces. */
  void writeAll(Bytes out) {
    out.add(bytes.array, 0, bytes.length);
  }
}
