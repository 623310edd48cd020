package io.github.multiprom.internal.lease;

import io.github.multiprom.internal.os.Interrupts;
import io.github.multiprom.internal.os.OpenFiles;
import io.github.multiprom.internal.os.Opener;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.FileSharing;
import io.github.multiprom.internal.ownership.StoreFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;

/**
 * Locks on files, which the kernel frees when their process ends in whatever way. Thread-safe.
 *
 * <p>On POSIX systems such a lock is lost, without a word, as soon as its own process closes any
 * other channel of the same file. So a file that this JVM has locked must never be opened by it
 * again, not even by another copy of this library in another class loader. What all copies share is
 * the JVM's string pool and its system properties: a property lists the files that are locked, and
 * interned strings are the mutexes. There are two kinds:
 *
 * <ul>
 *   <li>one per file system, held while a file is looked up in the list, opened, probed or locked,
 *       and closed. No name leads from one file system to another, so that is enough, and a network
 *       file system that hangs does not stop the collectors of other directories;
 *   <li>one for the list, taken last and never held during I/O.
 * </ul>
 */
public final class LockFiles {
  private static final int MAX_TRIES = 3;

  /** A lock that was not to be seen so often is on a kernel that does not list locks. */
  private static final int MAX_UNSEEN = 3;

  /**
   * Files locked by this JVM, by device and inode, each followed by a line feed. The name does not
   * begin with that of the package, as tools that relocate packages change such strings: two
   * relocated copies would not know of each other.
   */
  public static final String PROPERTY = "multiprom.locks";

  private static final Object MUTEX = PROPERTY.intern();

  // What this copy holds, by key. A channel that is garbage is closed, and its lock gone.
  private static final Map<String, FileChannel> HELD = new HashMap<>();

  // The property, as it was when it last listed all of these.
  private static String complete = "";

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
        return channel.isOpen() && existingKey(path).equals(key);
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
        unlist(key, channel);
      }
    }
  }

  /**
   * Asks again and again whether anybody holds the lock of a file, and keeps the file open as long
   * as somebody does: otherwise probes are a tenth of a warm scrape and two thirds of its garbage.
   * Only for a file that this JVM does not lock later, as its own lock would be lost with the
   * close. One thread.
   */
  public static final class Probe implements Closeable, OpenFiles.Reopenable {
    private final Path path;
    private FileChannel channel;
    private Object fileSystem;
    private Object key;
    private long usedNanos;

    public Probe(Path path) {
      this.path = path;
    }

    public synchronized State state() {
      usedNanos = System.nanoTime();
      if (channel != null && channel.isOpen()) {
        State state = LockFiles.state(this::openState);
        if (state == State.HELD) {
          return state;
        }
        // Its worker may have made a new file of this name.
        close();
      }
      State state = LockFiles.state(this::newState);
      if (state != State.HELD) {
        close();
      }
      return state;
    }

    private State openState() throws IOException {
      Object mutex = fileSystem;
      synchronized (mutex) {
        return stateOf(channel);
      }
    }

    private State newState() throws IOException {
      Object mutex = fileSystemOf(path);
      fileSystem = mutex;
      synchronized (mutex) {
        if (isListed(existingKey(path))) {
          return State.HELD;
        }
        close();
        key = StoreFiles.key(path);
        channel = open(path);
        OpenFiles.add(this);
        return stateOf(channel);
      }
    }

    @Override
    public synchronized boolean closeIfIdle(long idleNanos) {
      if (System.nanoTime() - usedNanos >= idleNanos || !StoreFiles.isStill(path, key)) {
        close();
      }
      return !channel.isOpen();
    }

    @Override
    public synchronized void close() {
      if (channel != null) {
        try {
          channel.close();
        } catch (IOException e) {
          // Nothing was written through it.
        }
        OpenFiles.remove(this);
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
    Object fileSystem = fileSystemOf(path);
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
    if (isListed(existingKey(path))) {
      return null;
    }
    FileChannel channel = FileChannel.open(path, StoreFiles.EXISTING_FILE);
    boolean locked = false;
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        return null;
      }
      Held held = new Held(fileSystem, channel, lock, existingKey(path), StoreFiles.key(path));
      list(held.key, channel);
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
    Object fileSystem = fileSystemOf(path);
    FileChannel channel;
    String key;
    Object fileKey;
    synchronized (fileSystem) {
      key = existingKey(path);
      if (isListed(key)) {
        return null;
      }
      fileKey = StoreFiles.key(path);
      channel = FileChannel.open(path, StoreFiles.EXISTING_FILE);
      // Before it is locked: no copy of this library is to close another channel of it meanwhile.
      list(key, channel);
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
          channel.close();
        }
        unlist(key, channel);
      }
    }
  }

  /** Whether anybody holds the lock of a file. */
  public static State probe(Path path) {
    return state(() -> probeOnce(path));
  }

  private static State state(Interrupts.Operation<State> probe) {
    try {
      return Interrupts.retrying(probe);
    } catch (NoSuchFileException e) {
      return State.MISSING;
    } catch (IOException e) {
      return State.UNKNOWN;
    }
  }

  private static State probeOnce(Path path) throws IOException {
    synchronized (fileSystemOf(path)) {
      if (isListed(existingKey(path))) {
        return State.HELD;
      }
      try (FileChannel channel = open(path)) {
        return stateOf(channel);
      }
    }
  }

  private static FileChannel open(Path path) throws IOException {
    return Opener.open(path);
  }

  /*
   * A shared lock: it fails while the owner holds its exclusive one, and does not make a second
   * collector, which probes at the same time, see a dead worker as live.
   */
  private static State stateOf(FileChannel channel) throws IOException {
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
    return state(() -> isListed(existingKey(path)) ? State.HELD : State.FREE);
  }

  private static boolean isListed(String key) {
    synchronized (MUTEX) {
      return listed().contains(key);
    }
  }

  private static void list(String key, FileChannel channel) {
    synchronized (MUTEX) {
      list(listed() + key);
      HELD.put(key, channel);
    }
  }

  private static void unlist(String key, FileChannel channel) {
    synchronized (MUTEX) {
      // Released before, the key may by now be that of another file.
      if (HELD.remove(key, channel)) {
        list(listed().replace(key, ""));
      }
    }
  }

  /**
   * An application may replace all system properties; what this copy holds is listed again then.
   */
  private static String listed() {
    String listed = System.getProperty(PROPERTY, "");
    if (!listed.equals(complete)) {
      for (String key : HELD.keySet()) {
        if (!listed.contains(key)) {
          listed += key;
        }
      }
      list(listed);
    }
    return listed;
  }

  private static void list(String listed) {
    System.setProperty(PROPERTY, listed);
    complete = listed;
  }

  /** The mutex of the file system that a file is on. */
  public static Object fileSystemOf(Path path) throws IOException {
    String directory = key(path.toAbsolutePath().getParent()).toString();
    // A device and an inode.
    int inode = directory.indexOf("ino=");
    return (PROPERTY + " on " + (inode < 0 ? "" : directory.substring(0, inode))).intern();
  }

  private static Object key(Path directory) throws IOException {
    Object key = Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
    return key == null ? "" : key;
  }

  /** Identifies a file however it is named; must be regular, because opening a FIFO may block. */
  private static String existingKey(Path path) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isRegularFile()) {
      throw new IOException("not a regular file: " + path);
    }
    Object key = attributes.fileKey();
    return (key != null ? key : path.toRealPath()) + "\n";
  }
}
