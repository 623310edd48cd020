package io.github.multiprom.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;

/**
 * Locks on files, which the kernel frees when their process ends in whatever way. Thread-safe.
 *
 * <p>On POSIX systems such a lock is lost, without a word, as soon as its own process closes any
 * other channel of the same file. So a file that this JVM has locked must never be opened by it
 * again, not even by another copy of this library in another class loader. What all copies share is
 * the JVM's string pool and its system properties: an interned string is the mutex, and a property
 * lists the files that are locked.
 */
final class LockFiles {
  /** Files locked by this JVM, by device and inode, each followed by a line feed. */
  static final String PROPERTY = "io.github.multiprom.locks";

  private static final Object MUTEX = PROPERTY.intern();

  // What this copy holds, by key. A channel that is garbage is closed, and its lock gone.
  private static final Map<String, FileChannel> HELD = new HashMap<>();

  // The property, as it was when it last listed all of these.
  private static String complete = "";

  /** Whether somebody holds a lock. */
  enum State {
    HELD,
    FREE,
    /** There is no such file. */
    MISSING,
    /** It cannot be told: locks do not work there, or the file cannot be read. */
    UNKNOWN
  }

  /** A lock that this JVM holds. */
  static final class Held {
    private final FileChannel channel;
    private final String key;

    private Held(FileChannel channel, String key) {
      this.channel = channel;
      this.key = key;
    }

    /** The locked file. The lock is lost if the channel is closed, as by an interrupt. */
    FileChannel channel() {
      return channel;
    }

    /** Whether a name leads to the locked file, so that nobody else can lock it by that name. */
    boolean isNamed(Path path) {
      try {
        return channel.isOpen() && existingKey(path).equals(key);
      } catch (IOException e) {
        return false;
      }
    }

    void release() {
      synchronized (MUTEX) {
        try {
          channel.close();
        } catch (IOException e) {
          // The descriptor is gone either way, and the lock with it.
        }
        // Released before, the key may by now be that of another file.
        if (HELD.remove(key, channel)) {
          list(listed().replace(key, ""));
        }
      }
    }
  }

  /**
   * Asks again and again whether anybody holds the lock of a file, and keeps the file open as long
   * as somebody does: otherwise probes are a tenth of a warm scrape and two thirds of its garbage.
   * Only for a file that this JVM does not lock later, as its own lock would be lost with the
   * close. One thread.
   */
  static final class Probe implements Closeable {
    private final Path path;
    private FileChannel channel;

    Probe(Path path) {
      this.path = path;
    }

    State state() {
      synchronized (MUTEX) {
        State state = LockFiles.state(this::stateOnce);
        if (state != State.HELD) {
          close();
        }
        return state;
      }
    }

    private State stateOnce() throws IOException {
      if (channel == null || !channel.isOpen()) {
        if (listed().contains(existingKey(path))) {
          return State.HELD;
        }
        channel = open(path);
      }
      return stateOf(channel);
    }

    @Override
    public void close() {
      if (channel != null) {
        try {
          channel.close();
        } catch (IOException e) {
          // Nothing was written through it.
        }
      }
    }
  }

  private LockFiles() {}

  /**
   * Locks a file.
   *
   * @return null if the lock is held by somebody else, in this JVM or another process
   * @throws IOException if the file is missing, cannot be opened, or locks do not work there
   */
  static Held tryLock(Path path) throws IOException {
    synchronized (MUTEX) {
      return Interrupts.retrying(
          new Interrupts.Operation<>() {
            @Override
            public Held run() throws IOException {
              return tryLockOnce(path);
            }
          });
    }
  }

  private static Held tryLockOnce(Path path) throws IOException {
    if (listed().contains(existingKey(path))) {
      return null;
    }
    FileChannel channel = FileChannel.open(path, StoreFiles.EXISTING_FILE);
    boolean locked = false;
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        return null;
      }
      String key = existingKey(path);
      list(listed() + key);
      HELD.put(key, channel);
      locked = true;
      return new Held(channel, key);
    } catch (OverlappingFileLockException e) {
      return null;
    } finally {
      if (!locked) {
        channel.close();
      }
    }
  }

  /** Whether anybody holds the lock of a file. */
  static State probe(Path path) {
    synchronized (MUTEX) {
      return state(() -> probeOnce(path));
    }
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
    if (listed().contains(existingKey(path))) {
      return State.HELD;
    }
    try (FileChannel channel = open(path)) {
      return stateOf(channel);
    }
  }

  private static FileChannel open(Path path) throws IOException {
    return FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
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
    synchronized (MUTEX) {
      try {
        return listed().contains(existingKey(path)) ? State.HELD : State.FREE;
      } catch (NoSuchFileException e) {
        return State.MISSING;
      } catch (IOException e) {
        return State.UNKNOWN;
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
