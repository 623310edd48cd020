package io.github.multiprom.internal.lease;

import io.github.multiprom.internal.os.Interrupts;
import io.github.multiprom.internal.os.Opener;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.FileSharing;
import io.github.multiprom.internal.ownership.StoreFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Locks on files, which the kernel frees when their process ends in whatever way. Thread-safe.
 *
 * <p>On POSIX systems such a lock is lost, without a word, as soon as its own process closes any
 * other channel of the same file. So a file that this JVM has locked must never be opened by it
 * again; the {@link LockList} has those files.
 */
public final class LockFiles {
  private static final int MAX_TRIES = 3;

  /** A lock that was not to be seen so often is on a kernel that does not list locks. */
  private static final int MAX_UNSEEN = 3;

  /** Whether a process holds a lock. */
  public enum State {
    HELD,
    FREE,
    /** There is no such file. */
    MISSING,
    /** It cannot be told: locks do not work there, or the file cannot be read. */
    UNKNOWN
  }

  /** A lock that this JVM holds. Thread-safe, but for {@link #regain}. */
  public static final class Held {
    private final Object fileSystem;
    private final FileChannel channel;
    private final String key;
    private final Object fileKey;
    private final OwnLock seen = new OwnLock();
    private FileLock lock;
    private boolean wasSeen;
    // How often the lock was not to be seen right after it was taken.
    private int unseenCount;

    private Held(
        Object fileSystem, FileChannel channel, FileLock lock, String key, Object fileKey) {
      this.fileSystem = fileSystem;
      this.channel = channel;
      this.lock = lock;
      this.key = key;
      this.fileKey = fileKey;
    }

    /**
     * Takes the lock again if other code in this JVM has dropped it, by opening and closing the
     * file.
     *
     * @param path the file's name
     * @return false if it is lost and not regained, because another process probes the file just
     *     now, or for good, because the channel was closed
     */
    public boolean regain(Path path) throws IOException {
      if (!channel.isOpen()) {
        return false;
      }
      if (lock != null && !isDropped(path)) {
        return true;
      }
      synchronized (fileSystem) {
        if (lock != null) {
          lock.release();
        }
        lock = Interrupts.retrying(channel::tryLock);
      }
      if (lock != null && !wasSeen && isDropped(path)) {
        unseenCount++;
      }
      return lock != null;
    }

    /** Some kernels do not list locks; other code may also drop one right after it was taken. */
    private boolean isDropped(Path path) throws IOException {
      if (!wasSeen && unseenCount >= MAX_UNSEEN) {
        return false;
      }
      State state = seen.stateOf(path);
      wasSeen |= state == State.HELD;
      return state == State.FREE;
    }

    /** Whether a name surely leads to the locked file no more, or the channel was closed. */
    public boolean isLost(Path path) {
      return !channel.isOpen() || !StoreFiles.isStill(path, fileKey);
    }

    /** The locked file. The lock is lost if the channel is closed, as by an interrupt. */
    public FileChannel channel() {
      return channel;
    }

    /** Whether a name leads to the locked file, so that nobody else can lock it by that name. */
    public boolean isNamed(Path path) {
      try {
        return channel.isOpen() && LockList.key(path).equals(key);
      } catch (IOException e) {
        return false;
      }
    }

    public void release() {
      synchronized (fileSystem) {
        try {
          channel.close();
        } catch (IOException e) {
          // The descriptor is gone either way, and the lock with it.
        }
        LockList.remove(key, channel);
      }
    }
  }

  private LockFiles() {}

  /**
   * Takes the lock of a directory's ledger, which is made if it is missing.
   *
   * @return null if another thread or process holds it
   * @throws IOException if this process must not retire there, or the lock cannot be used
   */
  public static Held tryLock(FileOwnership ownership) throws IOException {
    for (int tries = 1; ; tries++) {
      new FileSharing(ownership).provideLock();
      try {
        return tryLock(ownership.lock());
      } catch (NoSuchFileException e) {
        // Another process deleted it again.
        if (tries == MAX_TRIES) {
          throw e;
        }
      }
    }
  }

  /**
   * Locks a file.
   *
   * @return null if another thread of this JVM or another process holds the lock
   * @throws IOException if the file is missing, cannot be opened, or locks do not work there
   */
  public static Held tryLock(Path path) throws IOException {
    Object fileSystem = LockList.fileSystemOf(path);
    synchronized (fileSystem) {
      return Interrupts.retrying(
          new Interrupts.Operation<>() {
            @Override
            public Held run() throws IOException {
              return tryLockOnce(path, fileSystem);
            }
          });
    }
  }

  private static Held tryLockOnce(Path path, Object fileSystem) throws IOException {
    if (LockList.contains(LockList.key(path))) {
      return null;
    }
    FileChannel channel = FileChannel.open(path, StoreFiles.EXISTING_FILE);
    boolean locked = false;
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        return null;
      }
      Held held = new Held(fileSystem, channel, lock, LockList.key(path), StoreFiles.key(path));
      LockList.add(held.key, channel);
      locked = true;
      return held;
    } catch (OverlappingFileLockException e) {
      return null;
    } finally {
      if (!locked) {
        channel.close();
      }
    }
  }

  /**
   * Waits until no other process holds the lock of a file, and locks it. The kernel wakes one of
   * those who wait. An interrupt ends the waiting.
   *
   * @return null if this JVM holds the lock or waits for it already
   * @throws IOException if the file is missing, cannot be opened, or locks do not work there; or if
   *     the thread was interrupted
   */
  public static Held awaitLock(Path path) throws IOException {
    Object fileSystem = LockList.fileSystemOf(path);
    FileChannel channel;
    String key;
    Object fileKey;
    synchronized (fileSystem) {
      key = LockList.key(path);
      if (LockList.contains(key)) {
        return null;
      }
      fileKey = StoreFiles.key(path);
      channel = FileChannel.open(path, StoreFiles.EXISTING_FILE);
      // Before it is locked: no copy of this library is to close another channel of it meanwhile.
      LockList.add(key, channel);
    }
    Held held = null;
    try {
      held = new Held(fileSystem, channel, channel.lock(), key, fileKey);
      return held;
    } catch (OverlappingFileLockException e) {
      return null;
    } finally {
      if (held == null) {
        synchronized (fileSystem) {
          try {
            channel.close();
          } finally {
            LockList.remove(key, channel);
          }
        }
      }
    }
  }

  /** Whether anybody holds the lock of a file. */
  public static State probe(Path path) {
    return state(() -> probeOnce(path));
  }

  static State state(Interrupts.Operation<State> probe) {
    try {
      return Interrupts.retrying(probe);
    } catch (NoSuchFileException e) {
      return State.MISSING;
    } catch (IOException e) {
      return State.UNKNOWN;
    }
  }

  private static State probeOnce(Path path) throws IOException {
    synchronized (LockList.fileSystemOf(path)) {
      if (LockList.contains(LockList.key(path))) {
        return State.HELD;
      }
      try (FileChannel channel = Opener.open(path)) {
        return stateOf(channel);
      }
    }
  }

  /*
   * A shared lock: it fails while the owner holds its exclusive one, and does not make a second
   * collector, which probes at the same time, see a dead worker as live.
   */
  static State stateOf(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true);
      if (lock == null) {
        return State.HELD;
      }
      lock.release();
      return State.FREE;
    } catch (OverlappingFileLockException e) {
      return State.HELD;
    }
  }

  /**
   * Whether anybody in this JVM holds the lock of a file. Never opens the file: to be asked instead
   * of {@link #probe} where the lock can only be this JVM's.
   */
  static State probeOwn(Path path) {
    return state(() -> LockList.contains(LockList.key(path)) ? State.HELD : State.FREE);
  }
}
