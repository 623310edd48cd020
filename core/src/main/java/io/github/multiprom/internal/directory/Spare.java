package io.github.multiprom.internal.directory;

import static io.github.multiprom.internal.file.WorkerFileLayout.MAGIC;
import static io.github.multiprom.internal.file.WorkerFileLayout.MAGIC_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.SEGMENT_ALIGNMENT;

import io.github.multiprom.internal.file.CrashPoint;
import io.github.multiprom.internal.file.NoSpaceException;
import io.github.multiprom.internal.file.UnreadableFileException;
import io.github.multiprom.internal.file.UnreadableFileException.Reason;
import io.github.multiprom.internal.lease.LockFiles;
import io.github.multiprom.internal.os.Interrupts;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.FileSharing;
import io.github.multiprom.internal.ownership.StoreFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * The blocks that the next generation of a directory's totals is written into, so that it needs no
 * space when none is left. One thread, under the lock of the directory.
 *
 * <p>Nobody reads a spare. Its blocks become those of the totals by a rename and are never written
 * again after it: the next spare is another file. So a reader that has the totals open reads them
 * whole, however many generations follow. While it is written the spare is locked, because the lock
 * of the directory may be deleted: a second pass must not write what the first one is about to
 * name.
 */
final class Spare {
  /** Enough for the totals of small jobs. */
  static final int FIRST_LENGTH = 32 << 10;

  private static final int CHUNK_LENGTH = 16 << 10;

  private final FileOwnership ownership;
  private final Path name;
  private final CrashPoint crashPoint;

  Spare(FileOwnership ownership, CrashPoint crashPoint) {
    this.ownership = ownership;
    this.name = ownership.spare();
    this.crashPoint = crashPoint;
  }

  boolean exists() {
    return !Files.notExists(name, LinkOption.NOFOLLOW_LINKS);
  }

  /** Whether there is one that is so long. */
  boolean has(long length) {
    return exists() && name.toFile().length() >= length;
  }

  /**
   * Makes a spare in the place of the one that there may be.
   *
   * @param length how long it must be; it gets a quarter more if there is space
   * @throws NoSpaceException if it cannot be had; the one that there was stays
   */
  void make(long length) throws NoSpaceException {
    Path temporary = StoreFiles.temporary(name);
    try {
      try {
        fill(temporary, Math.max(FIRST_LENGTH, roundUp(length + length / 4)));
      } catch (IOException e) {
        fill(temporary, roundUp(length));
      }
      crashPoint.passed("spare made");
      StoreFiles.renameAtomically(temporary, name);
      crashPoint.passed("spare named");
    } catch (IOException e) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException undeletable) {
        e.addSuppressed(undeletable);
      }
      throw new NoSpaceException(
          name + " cannot be made, which the totals of retired workers need: " + e, e);
    }
  }

  private static long roundUp(long length) {
    return (length + SEGMENT_ALIGNMENT - 1) & -SEGMENT_ALIGNMENT;
  }

  /** Writes zeros, as a file that is only long has no blocks. */
  private void fill(Path path, long length) throws IOException {
    Files.deleteIfExists(path);
    new FileSharing(ownership).create(path, FileSharing.Access.LEDGER);
    // No lambda, as in all that runs when a worker opens: a cold JVM pays for each.
    Interrupts.retrying(
        new Interrupts.Operation<>() {
          @Override
          public Void run() throws IOException {
            try (FileChannel file = FileChannel.open(path, StoreFiles.EXISTING_FILE)) {
              ByteBuffer chunk = ByteBuffer.allocate(CHUNK_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
              for (long written = 0; written < length; ) {
                chunk.clear();
                chunk.putLong(MAGIC_OFFSET, written == 0 ? MAGIC : 0);
                chunk.limit((int) Math.min(CHUNK_LENGTH, length - written));
                written += file.write(chunk, written);
              }
              file.force(true);
            }
            return null;
          }
        });
  }

  /**
   * Writes a generation into the spare, which is made or made larger if need be.
   *
   * @return the lock of the spare, to be held until it has another name
   * @throws NoSpaceException if the spare is too small and there is no space for a larger one
   * @throws IOException if it is not ours, or another pass writes it
   */
  LockFiles.Held write(RetainedFile generation) throws IOException {
    LockFiles.Held written = writeIfItFits(generation);
    if (written == null) {
      make(generation.length());
      written = writeIfItFits(generation);
    }
    if (written == null) {
      throw new IOException(name + " was replaced while totals were written");
    }
    return written;
  }

  private LockFiles.Held writeIfItFits(RetainedFile generation) throws IOException {
    if (!exists()) {
      return null;
    }
    if (!ownership.trustsLedger(name, ownership.user())) {
      throw new UnreadableFileException(
          Reason.WRONG_OWNER, name + " " + ownership.mistrust(name) + "; no worker is retired");
    }
    try {
      return Interrupts.retrying(() -> writeOnce(generation));
    } catch (AccessDeniedException e) {
      // Of another user, as where the directory was given away; its blocks are of no use to us.
      Files.delete(name);
      return null;
    }
  }

  private LockFiles.Held writeOnce(RetainedFile generation) throws IOException {
    LockFiles.Held lock = LockFiles.tryLock(name);
    if (lock == null) {
      throw new IOException(name + " is being written by another pass");
    }
    boolean written = false;
    try {
      FileChannel file = lock.channel();
      checkOurs(file);
      if (file.size() >= generation.length()) {
        generation.writeTo(file, crashPoint);
        written = true;
      }
    } finally {
      if (!written) {
        lock.release();
      }
    }
    return written ? lock : null;
  }

  private void checkOurs(FileChannel file) throws IOException {
    ByteBuffer magic = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    if (file.read(magic, MAGIC_OFFSET) > 0 && (magic.hasRemaining() || magic.getLong(0) != MAGIC)) {
      throw new UnreadableFileException(
          Reason.FOREIGN, name + " is not a file of Multiprom; no worker is retired");
    }
  }
}
