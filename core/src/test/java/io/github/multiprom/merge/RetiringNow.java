package io.github.multiprom.merge;

import io.github.multiprom.internal.directory.DirectoryReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What a collector does later, in a thread of its own. */
public final class RetiringNow {
  private RetiringNow() {}

  /** Moves every dead worker of a directory into the retained totals. */
  public static void retire(Path directory) throws IOException {
    retire(new DirectoryReader(directory));
  }

  /** As {@link #retire(Path)}, by a reader, which is closed. */
  static void retire(DirectoryReader reader) throws IOException {
    try (reader;
        Retirer retirer = new Retirer(reader)) {
      long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
      // A collector that was closed may still be at it.
      while (retirer.retire() == Retirer.BUSY && System.nanoTime() - end < 0) {
        LockSupport.parkNanos(1_000_000);
      }
    }
  }
}
