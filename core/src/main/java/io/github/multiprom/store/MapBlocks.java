package io.github.multiprom.store;

import io.github.multiprom.store.chronicle.ExtentMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Blocks of cells within the entries of a Chronicle Map. One thread at a time.
 *
 * <p>The map is asked for space and for nothing else. An entry is found by its first bytes in the
 * map's file, and what lies there is mapped once more: so counting never enters the map, whose
 * memory may be unmapped under a running thread, and whose locks a kill or an overflow of the stack
 * leaves held. Nobody but its worker ever opens the map.
 */
final class MapBlocks implements CellBlocks {
  static final int EXTENT_LENGTH = 64 << 10;

  /**
   * The file is as long as all of them from the start, and takes space for those in use only. But
   * the map wants that much to be free when it is made: a container's /dev/shm has 64 MiB.
   */
  static final int MAX_EXTENTS = 512;

  /** The front of an entry's value: by it the entry is found in the file. */
  private static final int MARKER_LENGTH = 2 * Long.BYTES;

  /** What is lost of an entry to its marker and to the alignment of its blocks. */
  private static final int MARGIN = MARKER_LENGTH + WorkerFileLayout.BLOCK_ALIGNMENT;

  /** The map keeps a few bytes with an entry. */
  private static final int SLACK = 4096;

  private final CrashPoint crashPoint;
  private final ExtentMap map;
  private Path path;
  private final Object fileKey;

  private int extentCount;
  // Where to look for the next entry.
  private long extentsEnd;
  // So far every byte of the file has its place on the disk.
  private long touchedTo;
  private boolean broken;
  private boolean paused;
  private long pauseUntilNanos;

  // The last one.
  private ByteBuffer extent = ByteBuffer.allocate(0);
  private long extentOffset;
  private int used;

  private MapBlocks(Path path, CrashPoint crashPoint) throws IOException {
    this.path = path;
    this.crashPoint = crashPoint;
    map = ExtentMap.create(path, MAX_EXTENTS, EXTENT_LENGTH);
    StoreFiles.restrict(path);
    fileKey = StoreFiles.key(path);
    // All but the entries.
    touch(Files.size(path) - (long) MAX_EXTENTS * EXTENT_LENGTH);
  }

  /**
   * Makes the map, which has its name when it is complete.
   *
   * @throws IOException if there is no space
   * @throws LinkageError if Chronicle Map cannot be used in this JVM, or some other exception
   */
  static MapBlocks create(Path name, CrashPoint crashPoint) throws IOException {
    Path temporary = StoreFiles.temporary(name);
    MapBlocks blocks = null;
    try {
      MapBlocks made = Interrupts.retrying(() -> new MapBlocks(temporary, crashPoint));
      crashPoint.passed("map created");
      StoreFiles.renameAtomically(temporary, name);
      made.path = name;
      crashPoint.passed("map named");
      blocks = made;
      return made;
    } finally {
      if (blocks == null) {
        Files.deleteIfExists(temporary);
      }
    }
  }

  @Override
  public Block add(int length) throws IOException {
    if (length > EXTENT_LENGTH - MARGIN) {
      throw new IOException("a series of " + length + " bytes is too long for a Chronicle Map");
    }
    if (used + length > extent.capacity()) {
      Interrupts.retrying(
          () -> {
            addExtent();
            return null;
          });
    }
    ByteBuffer bytes = extent.slice(used, length).order(ByteOrder.LITTLE_ENDIAN);
    Block block = new Block(extentOffset + used, bytes);
    used = (int) aligned(used + length);
    return block;
  }

  private void addExtent() throws IOException {
    if (broken
        || extentCount == MAX_EXTENTS
        || (paused && System.nanoTime() - pauseUntilNanos < 0)) {
      throw new NoSpaceException();
    }
    long from = extentsEnd;
    pauseUntilNanos = System.nanoTime() + WorkerFile.GROWTH_PAUSE_NANOS;
    paused = true;
    touch(Math.min(Files.size(path), Math.max(from, touchedTo) + EXTENT_LENGTH + SLACK));
    paused = false;
    byte[] value = new byte[EXTENT_LENGTH];
    ByteBuffer marker = ByteBuffer.wrap(value, 0, MARKER_LENGTH);
    marker.putLong(WorkerFileLayout.MAGIC).putLong(extentCount).flip();
    // Whatever ends the next line too early, an overflow of the stack as well, leaves a lock held.
    broken = true;
    map.add(extentCount, value);
    try (FileChannel channel = open()) {
      long start = find(channel, marker, from);
      long first = aligned(start + MARKER_LENGTH);
      long end = start + EXTENT_LENGTH;
      extent = channel.map(MapMode.READ_WRITE, first, end - first);
      extentOffset = first;
      extentsEnd = end;
    } catch (OutOfMemoryError | InternalError e) {
      // The JDK reports as InternalError what befalls it in a map, as the end of the stack.
      throw new IOException("no memory left to map " + path, e);
    }
    used = 0;
    extentCount++;
    broken = false;
    crashPoint.passed("extent added");
  }

  private FileChannel open() throws IOException {
    return FileChannel.open(
        path, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
  }

  private static long aligned(long offset) {
    return (offset + WorkerFileLayout.BLOCK_ALIGNMENT - 1) & -WorkerFileLayout.BLOCK_ALIGNMENT;
  }

  /** Where the marker stands, with the whole entry behind it in what was touched. */
  private long find(FileChannel channel, ByteBuffer marker, long from) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate((int) (touchedTo - EXTENT_LENGTH + MARKER_LENGTH - from));
    while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {}
    for (int at = 0; at + MARKER_LENGTH <= bytes.position(); at++) {
      if (bytes.slice(at, MARKER_LENGTH).equals(marker)) {
        return from + at;
      }
    }
    throw new IOException("an entry is not where it should be in " + path);
  }

  /**
   * Writes every byte of the file up to an offset as it is: a full disk is then an IOException
   * here, and not a SIGBUS in the map. No cells may lie there yet.
   */
  private void touch(long to) throws IOException {
    try (FileChannel channel = open()) {
      while (touchedTo < to) {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(EXTENT_LENGTH, to - touchedTo));
        while (bytes.hasRemaining() && channel.read(bytes, touchedTo + bytes.position()) >= 0) {}
        bytes.flip();
        if (!bytes.hasRemaining()) {
          throw new IOException(path + " is shorter than it was made");
        }
        while (bytes.hasRemaining()) {
          touchedTo += channel.write(bytes, touchedTo);
        }
      }
    }
  }

  @Override
  public boolean isReachable() {
    return StoreFiles.isStill(path, fileKey);
  }
}
