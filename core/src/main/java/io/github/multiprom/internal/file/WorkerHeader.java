package io.github.multiprom.internal.file;

import static io.github.multiprom.internal.file.WorkerFileLayout.BOOT_ID_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.CREATED_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.FIRST_SEGMENT_LENGTH;
import static io.github.multiprom.internal.file.WorkerFileLayout.FIRST_SEGMENT_LENGTH_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.FLAGS_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.FLAG_MAP;
import static io.github.multiprom.internal.file.WorkerFileLayout.FLAG_RETAINED;
import static io.github.multiprom.internal.file.WorkerFileLayout.FORMAT_MAJOR;
import static io.github.multiprom.internal.file.WorkerFileLayout.FORMAT_VERSION;
import static io.github.multiprom.internal.file.WorkerFileLayout.HEADER_CHECKSUM_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.HEADER_LENGTH;
import static io.github.multiprom.internal.file.WorkerFileLayout.HOST_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.INCARNATION_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.MAGIC;
import static io.github.multiprom.internal.file.WorkerFileLayout.MAGIC_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.MAX_NAME_LENGTH;
import static io.github.multiprom.internal.file.WorkerFileLayout.MAX_SERIES_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.PID_NAMESPACE_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.PID_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.PUBLISHED_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.START_TICKS_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.VERSION_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.WORKER_NAME_OFFSET;

import io.github.multiprom.internal.file.UnreadableFileException.Reason;
import io.github.multiprom.internal.os.Interrupts;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.WorkerInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.zip.CRC32C;

/**
 * The part of a worker file's header that never changes: who writes the file, and how.
 *
 * @param flags {@link WorkerFileLayout#FLAG_RETAINED}, {@link WorkerFileLayout#FLAG_MAP}
 */
public record WorkerHeader(WorkerInfo worker, int flags) {

  /** Writes the header into the first bytes of a file, which are 0. */
  static void write(ByteBuffer header, WorkerInfo worker, int flags) {
    header.putLong(MAGIC_OFFSET, MAGIC);
    header.putInt(VERSION_OFFSET, FORMAT_VERSION);
    putIncarnation(header, INCARNATION_OFFSET, worker.incarnation());
    header.putLong(CREATED_OFFSET, worker.createdNanos());
    header.putLong(PID_OFFSET, worker.pid());
    header.putLong(START_TICKS_OFFSET, worker.startTicks());
    header.putLong(PID_NAMESPACE_OFFSET, worker.pidNamespace());
    putIncarnation(header, BOOT_ID_OFFSET, worker.bootId());
    header.putInt(FLAGS_OFFSET, flags);
    header.putInt(FIRST_SEGMENT_LENGTH_OFFSET, FIRST_SEGMENT_LENGTH);
    putName(header, WORKER_NAME_OFFSET, worker.workerName());
    putName(header, HOST_OFFSET, worker.host());
    header.putInt(MAX_SERIES_OFFSET, worker.maxSeries());
    header.putInt(HEADER_CHECKSUM_OFFSET, checksum(header));
  }

  /**
   * Reads the header of a file.
   *
   * @throws UnreadableFileException if this is not a worker file of this major version
   */
  static WorkerHeader read(ByteSource source) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    boolean whole = source.read(header, 0);
    if (header.position() == 0) {
      throw new UnreadableFileException(Reason.EMPTY, "empty");
    }
    if (header.position() < Long.BYTES || header.getLong(MAGIC_OFFSET) != MAGIC) {
      throw new UnreadableFileException(Reason.FOREIGN, "not a worker file");
    }
    if (!whole) {
      throw new UnreadableFileException(Reason.TRUNCATED, "cut within its header");
    }
    int major = header.getInt(VERSION_OFFSET) & 0xFFFF;
    if (major != FORMAT_MAJOR) {
      throw new UnreadableFileException(
          major > FORMAT_MAJOR ? Reason.NEWER_VERSION : Reason.DAMAGED_HEADER,
          "format version " + major + ", this release reads " + FORMAT_MAJOR);
    }
    if (header.getInt(HEADER_CHECKSUM_OFFSET) != checksum(header)) {
      throw new UnreadableFileException(Reason.DAMAGED_HEADER, "header checksum does not match");
    }
    WorkerInfo worker =
        new WorkerInfo(
            incarnation(header, INCARNATION_OFFSET),
            name(header, WORKER_NAME_OFFSET),
            name(header, HOST_OFFSET),
            header.getLong(PID_OFFSET),
            header.getLong(START_TICKS_OFFSET),
            header.getLong(PID_NAMESPACE_OFFSET),
            incarnation(header, BOOT_ID_OFFSET),
            header.getLong(CREATED_OFFSET),
            Math.max(0, header.getInt(MAX_SERIES_OFFSET)));
    return new WorkerHeader(worker, header.getInt(FLAGS_OFFSET));
  }

  boolean isRetained() {
    return (flags & FLAG_RETAINED) != 0;
  }

  boolean hasMap() {
    return (flags & FLAG_MAP) != 0;
  }

  /** Whether a file whose name is no proof begins as ours do, or is empty. */
  public static boolean isOurs(Path path) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isRegularFile() || attributes.size() == 0) {
      return attributes.isRegularFile();
    }
    return Interrupts.retrying(
        () -> {
          ByteBuffer magic = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
          try (FileChannel channel =
              FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            return channel.read(magic, MAGIC_OFFSET) == Long.BYTES && magic.getLong(0) == MAGIC;
          }
        });
  }

  /** Of everything that never changes. */
  static int checksum(ByteBuffer header) {
    CRC32C checksum = new CRC32C();
    checksum.update(header.duplicate().limit(PUBLISHED_OFFSET).position(INCARNATION_OFFSET));
    return (int) checksum.getValue();
  }

  private static void putIncarnation(ByteBuffer header, int offset, Incarnation incarnation) {
    header.putLong(offset, incarnation.high());
    header.putLong(offset + Long.BYTES, incarnation.low());
  }

  private static Incarnation incarnation(ByteBuffer header, int offset) {
    return new Incarnation(header.getLong(offset), header.getLong(offset + Long.BYTES));
  }

  /** Cuts a name that is too long, never within a character. */
  private static void putName(ByteBuffer header, int offset, String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(bytes.length, MAX_NAME_LENGTH);
    while (length < bytes.length && length > 0 && (bytes[length] & 0xC0) == 0x80) {
      length--;
    }
    header.putInt(offset, length);
    header.put(offset + Integer.BYTES, bytes, 0, length);
  }

  private static String name(ByteBuffer header, int offset) {
    int length = Math.max(0, Math.min(header.getInt(offset), MAX_NAME_LENGTH));
    byte[] bytes = new byte[length];
    header.get(offset + Integer.BYTES, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
