package io.github.multiprom.internal.file;

import io.github.multiprom.internal.os.Interrupts;
import io.github.multiprom.internal.os.Scratch;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.FileSharing;
import io.github.multiprom.internal.ownership.StoreFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Segments of a file, mapped into memory. One thread at a time. */
public final class FileSegments implements Segments {
  /**
   * Made once: when the application has used up the direct memory, a buffer more would cost it a
   * second of garbage collections before it is refused.
   */
  private static final ByteBuffer ZEROS = zeros();

  private Path path;
  private Object fileKey;

  private static ByteBuffer zeros() {
    // An application that shows its own metrics needs it later.
    Scratch.prepare();
    int length = 64 << 10;
    try {
      return ByteBuffer.allocateDirect(length);
    } catch (OutOfMemoryError e) {
      // A class that fails to load would never be usable again. A write from the heap needs a
      // direct buffer, too, and fails in a way that can be handled.
      return ByteBuffer.allocate(length);
    }
  }

  /** Segments of the file with this name, which must not exist yet. */
  public FileSegments(Path path, FileOwnership ownership) throws IOException {
    this.path = path;
    new FileSharing(ownership).create(path, FileSharing.Access.READ);
    this.fileKey = StoreFiles.key(path);
  }

  @Override
  public ByteBuffer add(long offset, int length) throws IOException {
    return Interrupts.retrying(
        new Interrupts.Operation<>() {
          @Override
          public ByteBuffer run() throws IOException {
            return addOnce(offset, length);
          }
        });
  }

  /*
   * The segment is written before it is mapped: a full disk is then an IOException here, where it
   * can be handled, and not a SIGBUS in the thread that first touches a page. The channel is opened
   * for each segment, because an interrupt of the thread closes it; a worker file carries no lock
   * that the close could drop.
   */
  private ByteBuffer addOnce(long offset, int length) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      ByteBuffer zeros = ZEROS.duplicate();
      for (int written = 0; written < length; ) {
        zeros.clear().limit(Math.min(zeros.capacity(), length - written));
        written += channel.write(zeros, offset + written);
      }
      return channel.map(MapMode.READ_WRITE, offset, length).order(ByteOrder.LITTLE_ENDIAN);
    } catch (OutOfMemoryError | InternalError e) {
      // The JDK reports as InternalError what befalls it in a map, as the end of the stack.
      throw new IOException("no memory left to map " + path, e);
    }
  }

  /** Gives the file its final name, in the same directory. */
  public void rename(Path to) throws IOException {
    StoreFiles.renameAtomically(path, to);
    path = to;
  }

  @Override
  public boolean isReachable() {
    return StoreFiles.isStill(path, fileKey);
  }

  @Override
  public void close() {
    // Mappings live as long as somebody may write to them; the collector of garbage frees them.
  }
}
