package io.github.multiprom.internal.file;

import io.github.multiprom.internal.file.UnreadableFileException.Reason;
import io.github.multiprom.internal.os.Interrupts;
import io.github.multiprom.internal.os.OpenFiles;
import io.github.multiprom.internal.os.Opener;
import io.github.multiprom.internal.os.Scratch;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.StoreFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * A file that another process may be writing. Thread-safe.
 *
 * <p>It is open only while it is read again and again, see {@link OpenFiles}. Whenever it is
 * opened, it must be a regular file of a trusted user and, after the first time, the same file as
 * before: another one under its name is no continuation of it.
 */
public final class FileSource implements ByteSource, OpenFiles.Reopenable {
  /** So often a name may lead to another file during an open. */
  private static final int MAX_TRIES = 16;

  private final Path path;
  private final Supplier<FileOwnership> ownership;
  private Object key;
  // Null if the file is not open.
  private FileChannel channel;
  private long usedNanos;
  private boolean closed;

  /**
   * Opens a file.
   *
   * @param ownership tells of its directory, whenever it is opened
   * @throws UnreadableFileException if it is not a regular file of a trusted user
   */
  public FileSource(Path path, Supplier<FileOwnership> ownership) throws IOException {
    this.path = path;
    this.ownership = ownership;
    synchronized (Scratch.LOCK) {
      open();
    }
  }

  private void open() throws IOException {
    for (int tries = 1; ; tries++) {
      Object before = checkedKey();
      if (key != null && !key.equals(before)) {
        throw new UnreadableFileException(Reason.REPLACED, "another file has its name");
      }
      FileChannel opened = openWithRoom();
      Object after = null;
      try {
        after = checkedKey();
      } finally {
        if (after == null || !after.equals(before)) {
          opened.close();
        }
      }
      if (after.equals(before)) {
        key = before;
        channel = opened;
        usedNanos = System.nanoTime();
        OpenFiles.add(this);
        return;
      }
      if (tries == MAX_TRIES) {
        throw new IOException(path + " is replaced again and again");
      }
    }
  }

  /** Which file has the name. Where files have no keys, the name itself. */
  private Object checkedKey() throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isRegularFile()) {
      throw new UnreadableFileException(Reason.NOT_REGULAR, "not a regular file");
    }
    FileOwnership now = ownership.get();
    if (!now.trusts(path)) {
      throw new UnreadableFileException(Reason.WRONG_OWNER, now.mistrust(path));
    }
    return Objects.requireNonNullElse(attributes.fileKey(), path);
  }

  /** Opens the file, at the cost of others that are open if there are too few descriptors. */
  private FileChannel openWithRoom() throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        return Opener.open(path);
      } catch (NoSuchFileException | AccessDeniedException e) {
        throw e;
      } catch (FileSystemException e) {
        boolean full = OpenFiles.makeRoom(path.toAbsolutePath().getParent(), e);
        // Once more in any case: descriptors may have come free since the failure.
        if (tries == MAX_TRIES || (tries > 1 && !full)) {
          throw e;
        }
      }
    }
  }

  private void ensureOpen() throws IOException {
    if (closed) {
      throw new IOException(path + " is closed");
    }
    if (channel == null || !channel.isOpen()) {
      open();
    }
    usedNanos = System.nanoTime();
  }

  @Override
  public boolean read(ByteBuffer into, long position) throws IOException {
    synchronized (Scratch.LOCK) {
      return into.isDirect() ? readDirect(into, position) : readByScratch(into, position);
    }
  }

  private boolean readDirect(ByteBuffer into, long position) throws IOException {
    int start = into.position();
    return Interrupts.retrying(
        () -> {
          ensureOpen();
          into.position(start);
          while (into.hasRemaining()) {
            if (channel.read(into, position + into.position() - start) < 0) {
              return false;
            }
          }
          return true;
        });
  }

  /** A channel would need a direct buffer of the same length, which may not be had. */
  private boolean readByScratch(ByteBuffer into, long position) throws IOException {
    ByteBuffer scratch = Scratch.buffer();
    while (into.hasRemaining()) {
      scratch.clear().limit(Math.min(scratch.capacity(), into.remaining()));
      boolean whole = readDirect(scratch, position);
      position += scratch.position();
      into.put(scratch.flip());
      if (!whole) {
        return false;
      }
    }
    return true;
  }

  @Override
  public long size() throws IOException {
    synchronized (Scratch.LOCK) {
      return Interrupts.retrying(
          () -> {
            ensureOpen();
            return channel.size();
          });
    }
  }

  @Override
  public boolean isReplaced() {
    synchronized (Scratch.LOCK) {
      try {
        return (channel == null || !channel.isOpen()) && !key.equals(checkedKey());
      } catch (IOException e) {
        // There is none that could be read instead.
        return false;
      }
    }
  }

  @Override
  public boolean closeIfIdle(long idleNanos) {
    synchronized (Scratch.LOCK) {
      if (channel == null
          || System.nanoTime() - usedNanos >= idleNanos
          || !StoreFiles.isStill(path, key == path ? null : key)) {
        closeChannel();
        return true;
      }
      return false;
    }
  }

  private void closeChannel() {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // Nothing was written through it.
      }
      channel = null;
    }
  }

  @Override
  public void close() {
    synchronized (Scratch.LOCK) {
      closed = true;
      closeChannel();
    }
    OpenFiles.remove(this);
  }
}
