package io.github.multiprom.internal.lease;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;

/**
 * The files that this JVM has locked, or waits to lock. Thread-safe.
 *
 * <p>Another copy of this library in another class loader must not open them either. What all
 * copies share is the JVM's string pool and its system properties: a property lists the files, and
 * interned strings are the mutexes. There are two kinds:
 *
 * <ul>
 *   <li>one per file system, held while a file is looked up in the list, opened, probed or locked,
 *       and closed. No name leads from one file system to another, so that is enough, and a network
 *       file system that hangs does not stop the collectors of other directories;
 *   <li>one for the list, taken last and never held during I/O.
 * </ul>
 */
public final class LockList {
  /**
   * The files by device and inode, each followed by a line feed. The name does not begin with that
   * of the package, as tools that relocate packages change such strings: two relocated copies would
   * not know of each other.
   */
  public static final String PROPERTY = "multiprom.locks";

  private static final Object MUTEX = PROPERTY.intern();

  // What this copy holds, by key. A channel that is garbage is closed, and its lock gone.
  private static final Map<String, FileChannel> HELD = new HashMap<>();

  // The property, as it was when it last listed all of these.
  private static String complete = "";

  private LockList() {}

  static boolean contains(String key) {
    synchronized (MUTEX) {
      return listed().contains(key);
    }
  }

  static void add(String key, FileChannel channel) {
    synchronized (MUTEX) {
      write(listed() + key);
      HELD.put(key, channel);
    }
  }

  static void remove(String key, FileChannel channel) {
    synchronized (MUTEX) {
      // Released before, the key may by now be that of another file.
      if (HELD.remove(key, channel)) {
        write(listed().replace(key, ""));
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
      write(listed);
    }
    return listed;
  }

  private static void write(String listed) {
    System.setProperty(PROPERTY, listed);
    complete = listed;
  }

  /** The mutex of the file system that a file is on. */
  public static Object fileSystemOf(Path path) throws IOException {
    String directory = fileKey(path.toAbsolutePath().getParent()).toString();
    // A device and an inode.
    int inode = directory.indexOf("ino=");
    return (PROPERTY + " on " + (inode < 0 ? "" : directory.substring(0, inode))).intern();
  }

  private static Object fileKey(Path directory) throws IOException {
    Object key = Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
    return key == null ? "" : key;
  }

  /** Identifies a file however it is named; must be regular, because opening a FIFO may block. */
  static String key(Path path) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isRegularFile()) {
      throw new IOException("not a regular file: " + path);
    }
    Object key = attributes.fileKey();
    return (key != null ? key : path.toRealPath()) + "\n";
  }
}
