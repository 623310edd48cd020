package io.github.multiprom.internal.os;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The one buffer through which this JVM reads files. It is made as early as can be: an application
 * may use up the direct memory, and then every other buffer costs a second of garbage collections
 * before it is refused.
 */
public final class Scratch {
  /** A thread holds this while it uses the buffer. */
  public static final Object LOCK = new Object();

  private static final int CAPACITY = 64 << 10;

  private static ByteBuffer buffer = make();

  private Scratch() {}

  /** Makes the buffer, if that was not tried yet. */
  public static void prepare() {
    // The class was loaded for this call.
  }

  private static ByteBuffer make() {
    try {
      return ByteBuffer.allocateDirect(CAPACITY).order(ByteOrder.LITTLE_ENDIAN);
    } catch (OutOfMemoryError e) {
      // A class that fails to load would never be usable again.
      return null;
    }
  }

  /**
   * The buffer, for a holder of the lock. What it holds lasts until the next use.
   *
   * @throws ExhaustedException if there was no direct memory so far
   */
  public static ByteBuffer buffer() {
    if (buffer == null) {
      buffer = make();
      if (buffer == null) {
        throw new ExhaustedException("No direct memory is left to read files through", null);
      }
    }
    return buffer;
  }
}
