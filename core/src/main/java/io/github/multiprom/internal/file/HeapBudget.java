package io.github.multiprom.internal.file;

import io.github.multiprom.internal.file.UnreadableFileException.Reason;

/**
 * How much heap the readers of one directory may take. One thread at a time.
 *
 * <p>What a file says is looked at before memory for it is asked for: a JVM that ends at the first
 * OutOfMemoryError must not end because of a file. Readers may always have an eighth of the heap;
 * beyond that they leave a quarter of the heap free. Garbage counts as used, so a file may be
 * refused now and read later.
 */
public final class HeapBudget {
  private static final int OWN_SHARE = 8;
  private static final int FREE_SHARE = 4;

  private final long maxBytes;
  private long takenBytes;
  private long allowedBytes;

  HeapBudget() {
    this(Runtime.getRuntime().maxMemory());
  }

  /** A budget in a heap that can grow to so many bytes. */
  HeapBudget(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Begins a read: how much is free is looked up anew. */
  public void begin() {
    allowedBytes = 0;
  }

  /**
   * Takes what is about to be allocated for long.
   *
   * @throws UnreadableFileException if that might not be had
   */
  void take(long bytes) throws UnreadableFileException {
    check(bytes);
    takenBytes += bytes;
  }

  /**
   * Makes sure that so much can be allocated for a while.
   *
   * @throws UnreadableFileException if it might not be had
   */
  void check(long bytes) throws UnreadableFileException {
    if (allowedBytes == 0) {
      // Once a read: what was taken since may not be allocated yet.
      Runtime runtime = Runtime.getRuntime();
      long usedBytes = runtime.totalMemory() - runtime.freeMemory();
      allowedBytes =
          Math.max(maxBytes / OWN_SHARE, takenBytes + maxBytes - usedBytes - maxBytes / FREE_SHARE);
    }
    if (takenBytes + bytes > allowedBytes) {
      throw new UnreadableFileException(
          Reason.TOO_LARGE,
          "needs more heap than can be had; -Xmx is " + (maxBytes >> 20) + " MiB");
    }
  }

  void give(long bytes) {
    takenBytes -= bytes;
  }
}
