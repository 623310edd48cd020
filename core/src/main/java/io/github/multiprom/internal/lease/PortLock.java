package io.github.multiprom.internal.lease;

import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.FileSharing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The turn to serve a directory at a port that several processes share. Thread-safe.
 *
 * <p>It is a lock on a file of the directory, so that the kernel wakes the next process at the
 * moment at which the one that serves ends, however it ends. Ports belong to a network namespace,
 * which is in the file's name: containers that share a directory need not share their ports.
 *
 * <p>The lock only says which process tries next. The port decides which process serves. So a
 * process that loses the lock, or cannot have it, loses time and nothing else, and any process may
 * delete the file while it is unlocked.
 */
public final class PortLock implements AutoCloseable {
  private static final Path NETWORK = Path.of("/proc/self/ns/net");
  private static final Pattern NETWORK_ID = Pattern.compile("net:\\[(\\d{1,20})]");
  private static final int MAX_TRIES = 3;

  private final LockFiles.Held held;

  private PortLock(LockFiles.Held held) {
    this.held = held;
  }

  @FunctionalInterface
  private interface Locking {
    LockFiles.Held lock(Path file) throws IOException;
  }

  /**
   * Takes the turn if it is free.
   *
   * @return null if another process has it, or this one
   * @throws IOException if the lock cannot be had here
   */
  public static PortLock tryTake(Path directory, int port) throws IOException {
    return take(directory, port, LockFiles::tryLock);
  }

  /**
   * Waits for the turn. An interrupt ends the waiting.
   *
   * @return null if this process has it or waits for it already
   * @throws IOException if the lock cannot be had here, or the thread was interrupted
   */
  public static PortLock await(Path directory, int port) throws IOException {
    return take(directory, port, LockFiles::awaitLock);
  }

  private static PortLock take(Path directory, int port, Locking locking) throws IOException {
    FileOwnership ownership = FileOwnership.of(directory);
    Path file = ownership.portLock(port, network());
    for (int tries = 1; ; tries++) {
      new FileSharing(ownership).provide(file);
      try {
        LockFiles.Held held = locking.lock(file);
        if (held == null) {
          return null;
        }
        if (!held.isLost(file)) {
          return new PortLock(held);
        }
        held.release();
      } catch (NoSuchFileException e) {
        if (tries == MAX_TRIES) {
          throw e;
        }
      }
      // Another process deleted it: the turn of another file is another turn.
      if (tries == MAX_TRIES) {
        throw new IOException(file + " was deleted again and again");
      }
    }
  }

  /** Empty where there are no network namespaces. */
  private static String network() throws IOException {
    if (!Files.isDirectory(NETWORK.getParent().getParent())) {
      return "";
    }
    Matcher id = NETWORK_ID.matcher(Files.readSymbolicLink(NETWORK).toString());
    if (!id.matches()) {
      throw new IOException(NETWORK + " does not tell the network namespace");
    }
    return id.group(1);
  }

  /** Lets the next process take the turn. */
  @Override
  public void close() {
    held.release();
  }
}
