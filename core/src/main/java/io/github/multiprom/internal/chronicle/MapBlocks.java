package io.github.multiprom.internal.chronicle;

import io.github.multiprom.internal.file.CellBlocks;
import io.github.multiprom.internal.file.CrashPoint;
import io.github.multiprom.internal.file.WorkerFile;
import io.github.multiprom.internal.file.WorkerFileLayout;
import io.github.multiprom.internal.os.Interrupts;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.FileSharing;
import io.github.multiprom.internal.ownership.StoreFiles;
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
 * memory may be unmapped under a running thread, and whose locks a kill leaves held. Nobody but its
 * worker ever opens the map, and that in a thread which no interrupt and no overflow of the stack
 * can hit: either would leave the map of no use.
 */
public final class MapBlocks implements CellBlocks {
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
  // Never to be asked for an extent again; a map that is closed is so as well.
  private boolean broken;
  private boolean paused;
  private long pauseUntilNanos;

  // The last one.
  private Extent extent = new Extent(0, ByteBuffer.allocate(0));
  private int used;

  /** The space of an entry's value, and where it is in the file. */
  private record Extent(long offset, ByteBuffer bytes) {}

  private MapBlocks(Path path, FileOwnership ownership, CrashPoint crashPoint) throws IOException {
    this.path = path;
    this.crashPoint = crashPoint;
    map = ExtentMap.create(path, MAX_EXTENTS, EXTENT_LENGTH);
    try {
      new FileSharing(ownership).share(path, FileSharing.Access.READ);
      fileKey = StoreFiles.key(path);
      // All but the entries.
      touch(Files.size(path) - (long) MAX_EXTENTS * EXTENT_LENGTH);
    } catch (IOException | RuntimeException e) {
      map.close();
      throw e;
    }
  }

  /**
   * Makes the map, which has its name when it is complete.
   *
   * @throws IOException if there is no space, or Chronicle Map cannot be used in this JVM
   */
  public static MapBlocks create(Path name, FileOwnership ownership, CrashPoint crashPoint)
      throws IOException {
    Path temporary = StoreFiles.temporary(name);
    MapBlocks blocks = null;
    try {
      MapBlocks made =
          Interrupts.inOwnThread(() -> new MapBlocks(temporary, ownership, crashPoint));
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
  public Block add(int length) {
    if (length > EXTENT_LENGTH - MARGIN
        || (used + length > extent.bytes.capacity() && !addExtent())) {
      return null;
    }
    ByteBuffer bytes = extent.bytes.slice(used, length).order(ByteOrder.LITTLE_ENDIAN);
    Block block = new Block(extent.offset + used, bytes);
    used = (int) aligned(used + length);
    return block;
  }

  private boolean addExtent() {
    if (broken
        || extentCount == MAX_EXTENTS
        || (paused && System.nanoTime() - pauseUntilNanos < 0)) {
      return false;
    }
    // Whatever ends the next line too early may leave a lock held, or a thread in the map.
    broken = true;
    Extent added;
    try {
      added = Interrupts.inOwnThread(this::makeExtent);
    } catch (IOException e) {
      return false;
    }
    broken = false;
    paused = added == null;
    if (paused) {
      pauseUntilNanos = System.nanoTime() + WorkerFile.GROWTH_PAUSE_NANOS;
      return false;
    }
    extent = added;
    used = 0;
    extentCount++;
    crashPoint.passed("extent added");
    return true;
  }

  /** Adds an entry; null if there is no space, which leaves the map as it was. */
  private Extent makeExtent() throws IOException {
    long from = extentsEnd;
    try {
      touch(Math.min(Files.size(path), Math.max(from, touchedTo) + EXTENT_LENGTH + SLACK));
    } catch (IOException e) {
      return null;
    }
    byte[] value = new byte[EXTENT_LENGTH];
    ByteBuffer marker = ByteBuffer.wrap(value, 0, MARKER_LENGTH);
    marker.putLong(WorkerFileLayout.MAGIC).putLong(extentCount).flip();
    map.add(extentCount, value);
    try (FileChannel channel = open()) {
      long start = find(channel, marker, from);
      long first = aligned(start + MARKER_LENGTH);
      extentsEnd = start + EXTENT_LENGTH;
      return new Extent(first, channel.map(MapMode.READ_WRITE, first, extentsEnd - first));
    }
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

  @Override
  public void close() {
    if (!broken) {
      broken = true;
      closeMap();
    }
  }

  private void closeMap() {
    try {
      Interrupts.inOwnThread(
          () -> {
            map.close();
            return null;
          });
    } catch (IOException e) {
      // It stays open, which costs memory and nothing else.
    }
  }
}
