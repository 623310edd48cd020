package io.github.multiprom.python;

import io.github.multiprom.internal.file.FileSource;
import io.github.multiprom.internal.file.UnreadableFileException;
import io.github.multiprom.internal.file.UnreadableFileException.Reason;
import io.github.multiprom.internal.os.Scratch;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.StoreFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * One file of client_python, which its process may be writing. One thread.
 *
 * <pre>
 *  i32 how many bytes are used | i32 0 | entry | entry | ...
 *
 *  entry:  i32 length of the key | key, JSON in UTF-8 | 1 to 8 blanks | f64 value [ | f64 time ]
 * </pre>
 *
 * <p>Little endian. Value and time start at multiples of 8. There is a time since release 0.18, in
 * seconds since the epoch, 0 where the value has none; which of the two a file has is seen from
 * where its entries end. The length that is used is written last, so what it covers is whole, and
 * entries are only ever added.
 */
final class PythonFile implements AutoCloseable {
  private static final int FIRST_ENTRY = 8;
  private static final int ALIGNMENT = 8;
  private static final int LENGTH_BYTES = 4;
  private static final int WITH_TIME = 2 * Double.BYTES;
  private static final int WITHOUT_TIME = Double.BYTES;
  private static final int UNKNOWN = 0;

  /** Of the heap, how much one file may take. */
  private static final int HEAP_SHARE = 16;

  private static final double MICROS_PER_SECOND = 1e6;

  private final Path path;
  private final PythonFileName name;
  private final String nameBeforeClaim;
  private final FileSource source;
  private final Object key;
  private final long inode;
  private final long owner;
  private final long createdNanos;
  private int used;
  // Bytes of an entry behind its key.
  private int valueLength = UNKNOWN;
  private final List<PythonKey> keys = new ArrayList<>();
  private int[] valueOffsets = {};
  // As they were read last; times are seconds since the epoch.
  private double[] values = {};
  private double[] times = {};

  /**
   * Opens a file.
   *
   * @param ownership tells of its directory, whenever it is opened
   * @throws IOException if it cannot be opened, or is not a regular file of a trusted user
   */
  PythonFile(Path path, PythonFileName name, Supplier<FileOwnership> ownership) throws IOException {
    this.path = path;
    this.name = name;
    nameBeforeClaim = PythonFileName.beforeClaim(path.getFileName().toString());
    source = new FileSource(path, ownership);
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      key = attributes.fileKey();
      createdNanos = TimeUnit.MILLISECONDS.toNanos(attributes.creationTime().toMillis());
      inode = inode(path);
      owner = FileOwnership.ownerOf(path);
    } catch (IOException | RuntimeException | Error e) {
      source.close();
      throw e;
    }
  }

  private static long inode(Path path) throws IOException {
    try {
      return (Long) Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return 0;
    }
  }

  /**
   * Reads the values, and what was added.
   *
   * @throws IOException if the file cannot be read, or is damaged: what was read before stays
   */
  void read() throws IOException {
    if (source.size() < FIRST_ENTRY) {
      // Being created.
      checkUsed(0, 0);
      return;
    }
    int now = readValues();
    if (now != used) {
      checkUsed(now, source.size());
      if (now != 0) {
        readAdded(now);
      }
    }
  }

  /** Reads the values of all entries that are known; returns how many bytes are used by now. */
  private int readValues() throws IOException {
    synchronized (Scratch.LOCK) {
      ByteBuffer piece = Scratch.buffer();
      int end = Math.max(FIRST_ENTRY, used);
      int now = 0;
      int at = 0;
      int entry = 0;
      while (at < end) {
        piece.clear().limit(Math.min(piece.capacity(), end - at));
        if (!source.read(piece, at)) {
          throw damaged("shorter than it was");
        }
        if (at == 0) {
          now = piece.getInt(0);
        }
        int last = at + piece.limit() - valueLength;
        while (entry < valueOffsets.length && valueOffsets[entry] <= last) {
          take(entry, piece, at);
          entry++;
        }
        at = entry < valueOffsets.length ? valueOffsets[entry] : end;
      }
      return now;
    }
  }

  private void take(int entry, ByteBuffer piece, int pieceStart) {
    int offset = valueOffsets[entry] - pieceStart;
    values[entry] = piece.getDouble(offset);
    if (valueLength == WITH_TIME) {
      times[entry] = piece.getDouble(offset + Double.BYTES);
    }
  }

  private void checkUsed(int now, long size) throws IOException {
    if (now == 0 && used == 0) {
      return;
    }
    if (now < Math.max(used, FIRST_ENTRY) || now > size || now % ALIGNMENT != 0) {
      throw damaged("says that " + now + " bytes are used, of " + size + ", after " + used);
    }
    if (now > Runtime.getRuntime().maxMemory() / HEAP_SHARE) {
      throw new UnreadableFileException(Reason.TOO_LARGE, now + " bytes do not fit into the heap");
    }
  }

  private void readAdded(int now) throws IOException {
    int start = Math.max(FIRST_ENTRY, used);
    ByteBuffer more = ByteBuffer.allocate(now - start).order(ByteOrder.LITTLE_ENDIAN);
    if (!source.read(more, start)) {
      throw damaged("shorter than it says");
    }
    Entries added = entries(more, start);
    int before = keys.size();
    int count = before + added.keys.size();
    int[] newOffsets = Arrays.copyOf(valueOffsets, count);
    double[] newValues = Arrays.copyOf(values, count);
    double[] newTimes = Arrays.copyOf(times, count);
    // Whatever takes heap comes first: without it all stays as it was.
    keys.addAll(added.keys);
    valueOffsets = newOffsets;
    values = newValues;
    times = newTimes;
    used = now;
    valueLength = added.keys.isEmpty() ? valueLength : added.valueLength;
    for (int i = before; i < valueOffsets.length; i++) {
      valueOffsets[i] = added.valueOffsets.get(i - before);
      take(i, more, start);
    }
  }

  private static final class Entries {
    private final int valueLength;
    private final List<PythonKey> keys = new ArrayList<>();
    private final List<Integer> valueOffsets = new ArrayList<>();

    Entries(int valueLength) {
      this.valueLength = valueLength;
    }
  }

  /**
   * The entries in a part of the file.
   *
   * @param start where it starts in the file, at a multiple of 8
   */
  private Entries entries(ByteBuffer part, int start) throws IOException {
    if (valueLength != UNKNOWN) {
      return entries(part, start, valueLength);
    }
    try {
      return entries(part, start, WITH_TIME);
    } catch (UnreadableFileException withTime) {
      try {
        return entries(part, start, WITHOUT_TIME);
      } catch (UnreadableFileException withoutTime) {
        withTime.addSuppressed(withoutTime);
        throw withTime;
      }
    }
  }

  private static Entries entries(ByteBuffer part, int start, int valueLength) throws IOException {
    Entries entries = new Entries(valueLength);
    int end = part.limit();
    int at = 0;
    while (at < end) {
      int length = part.getInt(at);
      int keyStart = at + LENGTH_BYTES;
      if (length <= 0 || length > end - keyStart - valueLength) {
        throw damaged("a key of " + length + " bytes at " + (start + at));
      }
      // There is always some padding.
      int value = (keyStart + length) / ALIGNMENT * ALIGNMENT + ALIGNMENT;
      if (value + valueLength > end) {
        throw damaged("an entry that is cut off at " + (start + at));
      }
      for (int i = keyStart + length; i < value; i++) {
        if (part.get(i) != ' ') {
          throw damaged("a key without an end at " + (start + at));
        }
      }
      entries.keys.add(key(part, start, keyStart, length));
      entries.valueOffsets.add(start + value);
      at = value + valueLength;
    }
    return entries;
  }

  private static PythonKey key(ByteBuffer part, int start, int at, int length) throws IOException {
    byte[] key = new byte[length];
    part.get(at, key);
    try {
      return PythonKey.parse(key);
    } catch (IOException e) {
      throw damaged("a key that cannot be read at " + (start + at));
    }
  }

  private static UnreadableFileException damaged(String what) {
    return new UnreadableFileException(Reason.DAMAGED_RECORD, what);
  }

  /** The keys of all entries, in their order; more are added at the end. */
  List<PythonKey> keys() {
    return keys;
  }

  /** The value of an entry, as it was read last. */
  double value(int entry) {
    return values[entry];
  }

  /** When it was set, microseconds since the epoch; 0 if the file does not say. */
  double timeMicros(int entry) {
    double seconds = times[entry];
    return seconds > 0 ? seconds * MICROS_PER_SECOND : 0;
  }

  /** Whether its name still leads to this file. */
  boolean isStill() {
    return StoreFiles.isStill(path, key);
  }

  /** Whether another name leads to this file. */
  boolean isSameAs(PythonFile other) {
    return key != null && key.equals(other.key);
  }

  Path path() {
    return path;
  }

  PythonFileName name() {
    return name;
  }

  /** The name that it had before it was claimed, or has. */
  String nameBeforeClaim() {
    return nameBeforeClaim;
  }

  /** By which other processes may know it. */
  long inode() {
    return inode;
  }

  /** The user to whom it belongs. */
  long owner() {
    return owner;
  }

  /** When it was made, nanoseconds since the epoch. */
  long createdNanos() {
    return createdNanos;
  }

  /** How many of its bytes are used. */
  int used() {
    return used;
  }

  /** When it was changed last, as far as the file system knows; nanoseconds since the epoch. */
  long modifiedNanos() {
    try {
      return TimeUnit.MILLISECONDS.toNanos(
          Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS).toMillis());
    } catch (IOException e) {
      return createdNanos;
    }
  }

  @Override
  public void close() {
    source.close();
  }
}
