package io.github.multiprom.internal.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Segments in this process' memory, for a worker without a directory and for series that found no
 * space in a file. Readers of the same process read them as they would read a file. Thread-safe.
 */
final class MemorySegments implements Segments {
  private record Segment(long offset, ByteBuffer bytes) {}

  // Replaced, never changed, so that a reader needs no lock.
  private volatile Segment[] segments = {};

  @Override
  public synchronized ByteBuffer add(long offset, int length) throws IOException {
    ByteBuffer bytes;
    try {
      // Direct, because views of heap buffers promise no atomic access.
      bytes =
          ByteBuffer.allocateDirect(length + WorkerFileLayout.BLOCK_ALIGNMENT)
              .alignedSlice(WorkerFileLayout.BLOCK_ALIGNMENT)
              .slice(0, length)
              .order(ByteOrder.LITTLE_ENDIAN);
    } catch (OutOfMemoryError e) {
      throw new IOException("no direct memory left", e);
    }
    Segment[] more = new Segment[segments.length + 1];
    System.arraycopy(segments, 0, more, 0, segments.length);
    more[segments.length] = new Segment(offset, bytes);
    segments = more;
    return bytes;
  }

  @Override
  public boolean isReachable() {
    return true;
  }

  @Override
  public void close() {}

  ByteSource source() {
    return new ByteSource() {
      @Override
      public boolean read(ByteBuffer into, long position) {
        for (Segment segment : segments) {
          long end = segment.offset + segment.bytes.capacity();
          if (position >= segment.offset && position < end && into.hasRemaining()) {
            int length = (int) Math.min(into.remaining(), end - position);
            copyWords(segment.bytes, (int) (position - segment.offset), into, length);
            position += length;
          }
        }
        return !into.hasRemaining();
      }

      @Override
      public long size() {
        Segment[] all = segments;
        return all.length == 0
            ? 0
            : all[all.length - 1].offset + all[all.length - 1].bytes.capacity();
      }

      @Override
      public void close() {}
    };
  }

  /** Writes over bytes that are all in one segment. */
  void overwrite(long position, byte[] from, int length) {
    for (Segment segment : segments) {
      long at = position - segment.offset;
      if (at >= 0 && at < segment.bytes.capacity()) {
        segment.bytes.put((int) at, from, (int) position, length);
      }
    }
  }

  /** Copies word by word: a bulk copy of the JDK promises nothing about tearing. */
  private static void copyWords(ByteBuffer from, int index, ByteBuffer into, int length) {
    int copied = 0;
    for (; copied + Long.BYTES <= length && (index & 7) == 0; copied += Long.BYTES) {
      long word = from.getLong(index + copied);
      into.order(ByteOrder.LITTLE_ENDIAN).putLong(word);
    }
    for (; copied < length; copied++) {
      into.put(from.get(index + copied));
    }
  }
}
