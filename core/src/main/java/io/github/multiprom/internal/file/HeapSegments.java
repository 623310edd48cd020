package io.github.multiprom.internal.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/** Segments on the heap, to be written to a file when they are complete. One thread. */
public final class HeapSegments implements Segments {
  /** The JDK copies what it writes into a direct buffer of that size, and keeps that. */
  private static final int CHUNK_LENGTH = 64 << 10;

  private final List<ByteBuffer> segments = new ArrayList<>();
  private long length;

  @Override
  public ByteBuffer add(long offset, int length) {
    ByteBuffer segment = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    segments.add(segment);
    this.length += length;
    return segment;
  }

  /** Bytes of all segments. */
  public long length() {
    return length;
  }

  /**
   * Writes all segments over what a file begins with.
   *
   * @param crashPoint is told of each part
   * @throws IOException if there is no space; a part may have been written
   */
  public void writeTo(FileChannel file, CrashPoint crashPoint) throws IOException {
    long position = 0;
    for (ByteBuffer segment : segments) {
      ByteBuffer bytes = segment.duplicate();
      for (int written = 0; written < segment.capacity(); ) {
        bytes.limit(Math.min(segment.capacity(), written + CHUNK_LENGTH)).position(written);
        int count = file.write(bytes, position);
        written += count;
        position += count;
        crashPoint.passed("part of the totals written");
      }
    }
  }

  @Override
  public boolean isReachable() {
    return true;
  }

  @Override
  public void close() {}
}
