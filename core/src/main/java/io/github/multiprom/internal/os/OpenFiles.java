package io.github.multiprom.internal.os;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The files of all readers of this JVM that are open although nobody may be reading them just now.
 * Thread-safe.
 *
 * <p>An open file keeps its blocks after it was deleted, so a collector that nobody scrapes must
 * not keep files open. One daemon thread closes those that were not read for {@value #IDLE_SECONDS}
 * s, and sooner those whose name is gone; it ends when none is open. Who reads on opens them again.
 */
public final class OpenFiles {
  static final int IDLE_SECONDS = 5;

  private static final long PERIOD_MS = 500;

  private static final Set<Reopenable> OPEN = Collections.newSetFromMap(new IdentityHashMap<>());
  private static boolean timed;

  /** A file that is opened again when it is needed. */
  public interface Reopenable {
    /**
     * Closes the file if it was not used for so long, or its name leads elsewhere.
     *
     * @return whether the file is closed
     */
    boolean closeIfIdle(long idleNanos);
  }

  private OpenFiles() {}

  /** Notes that a file was opened. The caller may hold locks that {@code closeIfIdle} takes. */
  public static synchronized void add(Reopenable file) {
    OPEN.add(file);
    if (!timed) {
      Thread thread = OwnThreads.make(OpenFiles::closeInTime, "multiprom-idle-files");
      thread.setDaemon(true);
      try {
        thread.start();
        timed = true;
      } catch (OutOfMemoryError e) {
        // No thread to be had: the next file that is opened tries again.
      }
    }
  }

  /** Notes that a file was closed. */
  public static synchronized void remove(Reopenable file) {
    OPEN.remove(file);
  }

  private static void closeInTime() {
    long idleNanos = TimeUnit.SECONDS.toNanos(IDLE_SECONDS);
    while (awaitNext()) {
      closeIdle(idleNanos);
    }
  }

  private static synchronized boolean awaitNext() {
    try {
      OpenFiles.class.wait(PERIOD_MS);
    } catch (InterruptedException e) {
      // Nobody knows this thread.
    }
    timed = !OPEN.isEmpty();
    return timed;
  }

  /**
   * Closes all files if an open may have failed because this process has too few descriptors.
   *
   * @param directory can be opened otherwise
   * @return whether the failure was for that reason, and an open may succeed now
   * @throws ExhaustedException if no file can be opened all the same
   */
  public static boolean makeRoom(Path directory, FileSystemException failure) {
    // The exception does not tell: its text depends on the locale.
    if (canOpen(directory)) {
      return false;
    }
    closeIdle(0);
    if (!canOpen(directory)) {
      throw new ExhaustedException(
          "No file of "
              + directory
              + " can be opened, as if this process had too many open: "
              + failure.getReason(),
          failure);
    }
    return true;
  }

  private static boolean canOpen(Path directory) {
    try (DirectoryStream<Path> opened = Files.newDirectoryStream(directory)) {
      return true;
    } catch (NoSuchFileException | NotDirectoryException | AccessDeniedException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Closes all that were not used for so long. */
  static void closeIdle(long idleNanos) {
    List<Reopenable> all;
    synchronized (OpenFiles.class) {
      all = new ArrayList<>(OPEN);
    }
    for (Reopenable file : all) {
      if (file.closeIfIdle(idleNanos)) {
        remove(file);
      }
    }
  }
}
