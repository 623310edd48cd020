package io.github.multiprom.internal.ownership;

import io.github.multiprom.internal.os.Incarnations;
import io.github.multiprom.internal.os.Interrupts;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Makes files in a metrics directory that all can use who share it, and none can harm. Immutable;
 * thread-safe.
 *
 * <p>Only a worker needs to write its worker file, its lease and its map, and another user who
 * could write them could make that worker fail. So other users may only read these files; a ledger
 * they may write, too. Where files have no owners, the platform's permissions stay as they are.
 */
public final class FileSharing {
  private static final int PERMISSIONS = 0777;
  private static final int OWNER_READ_WRITE = 0600;
  private static final int READ = 0044;
  private static final int GROUP_SHIFT = 3;
  private static final int GROUP = 0070;
  private static final int OTHERS = 0007;

  private final FileOwnership ownership;

  /** What the users who share a directory get of a file. */
  public enum Access {
    /** A file that only its worker writes. */
    READ,
    /** The totals and their spare: a user who may write in the directory may replace them. */
    LEDGER,
    /** The lock: nobody who may not write in the directory can keep others from retiring. */
    LOCK
  }

  /** For the files of a directory. */
  public FileSharing(FileOwnership ownership) {
    this.ownership = ownership;
  }

  /**
   * Makes an empty file, which must not exist yet. It is to get its name when it is complete.
   *
   * @throws FileAlreadyExistsException if there is a file of that name
   */
  public void create(Path file, Access access) throws IOException {
    FileAttribute<?>[] attributes =
        ownership.isKnown()
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(permissions(bits(access)))
            }
            : StoreFiles.FILE_MODE;
    Interrupts.retrying(
        new Interrupts.Operation<Void>() {
          @Override
          public Void run() throws IOException {
            FileChannel.open(file, StoreFiles.NEW_FILE, attributes).close();
            return null;
          }
        });
    try {
      share(file, access);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  /**
   * Sees to it that the lock is there. It gets its name when its permissions are right, so that a
   * kill never leaves one that others cannot use.
   *
   * @throws IOException if this process must not retire workers here, or the lock's name leads to
   *     something else
   */
  public void provideLock() throws IOException {
    String reason = ownership.reasonNotToRetire();
    if (reason != null) {
      throw new IOException(reason);
    }
    provide(ownership.lock());
  }

  /**
   * The same for a lock that has nothing to do with retiring.
   *
   * @throws IOException if it cannot be made, or its name leads to something else
   */
  public void provide(Path lock) throws IOException {
    if (Files.exists(lock, LinkOption.NOFOLLOW_LINKS)) {
      checkLock(lock);
    } else {
      createLock(lock);
    }
  }

  private void checkLock(Path lock) throws IOException {
    BasicFileAttributes now =
        Files.readAttributes(lock, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!now.isRegularFile() || now.size() != 0) {
      throw new IOException(lock + " is not a file of Multiprom");
    }
    if (!ownership.trustsLedger(lock, ownership.user())) {
      throw new IOException(lock + " belongs to uid " + FileOwnership.ownerOf(lock));
    }
    // The directory may have been given other permissions meanwhile.
    if (ownership.isKnown()
        && FileOwnership.ownerOf(lock) == ownership.self().uid()
        && isOnlyName(lock)) {
      share(lock, Access.LOCK);
    }
  }

  /** Whether a file has no other name, which somebody else may have given it here. */
  private static boolean isOnlyName(Path file) throws IOException {
    return (Integer) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS) == 1;
  }

  private void createLock(Path lock) throws IOException {
    Path temporary = StoreFiles.newLock(ownership.directory(), Incarnations.newId());
    create(temporary, Access.LOCK);
    try {
      Files.createLink(lock, temporary);
    } catch (FileAlreadyExistsException e) {
      // Another process was faster.
    } catch (UnsupportedOperationException | FileSystemException e) {
      createInPlace(lock);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** On a file system without links. */
  private void createInPlace(Path lock) throws IOException {
    try {
      create(lock, Access.LOCK);
    } catch (FileAlreadyExistsException e) {
      // Another process was faster.
    }
  }

  /**
   * Gives a file of this process the group and the permissions that follow from the directory, and
   * one of a ledger to the ledger's user. The process' umask does not matter.
   *
   * @throws IOException if that fails; where {@link FileOwnership#reasonNotToRetire()} allows it, a
   *     ledger may stay this process' own
   */
  public void share(Path file, Access access) throws IOException {
    if (!ownership.isKnown()) {
      return;
    }
    Map<String, Object> now =
        Files.readAttributes(file, "unix:uid,gid,mode,nlink", LinkOption.NOFOLLOW_LINKS);
    if ((Integer) now.get("nlink") > 1) {
      // Somebody put a file in its place that is of use elsewhere, as /etc/shadow to root.
      throw new IOException(file + " has other names");
    }
    int bits = bits(access);
    if (!now.get("gid").equals(ownership.group()) && !set(file, "unix:gid", ownership.group())) {
      // To the group that it has nothing was promised.
      bits = (bits & ~GROUP) | (bits & OTHERS) << GROUP_SHIFT;
    }
    if (((Integer) now.get("mode") & PERMISSIONS) != bits) {
      setPermissions(file, permissions(bits));
    }
    if (access != Access.READ) {
      give(file, Integer.toUnsignedLong((Integer) now.get("uid")));
    }
  }

  private void give(Path file, long fileOwner) throws IOException {
    long to = ownership.ledgerOwner();
    if (to != fileOwner && ownership.self().mayGiveFiles() && !set(file, "unix:uid", (int) to)) {
      if (ownership.withoutGiving().reasonNotToRetire() != null) {
        throw new IOException(file + " cannot be given to uid " + to);
      }
    }
  }

  /** The permissions of a file if it has the directory's group. */
  private int bits(Access access) {
    // A bit to write, two bits to the right of it that to read.
    int writers = ownership.mode() & (READ >> 1);
    int write = ownership.isShared() ? 0 : writers;
    return OWNER_READ_WRITE
        | switch (access) {
          case READ -> ownership.mode() & READ;
          case LEDGER -> (ownership.mode() & READ) | write << 1 | write;
          case LOCK -> write << 1 | write;
        };
  }

  private static Set<PosixFilePermission> permissions(int bits) {
    PosixFilePermission[] all = PosixFilePermission.values();
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (int i = 0; i < all.length; i++) {
      if ((bits & 1 << (all.length - 1 - i)) != 0) {
        permissions.add(all[i]);
      }
    }
    return permissions;
  }

  /**
   * Goes through the directory and never through a link: another user who may write in the
   * directory can put a link in the place of a file that was just made. If it fails, as on a file
   * system without permissions, the file keeps those that it has.
   */
  private void setPermissions(Path file, Set<PosixFilePermission> permissions) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(ownership.directory())) {
      if (files instanceof SecureDirectoryStream<Path> secure) {
        secure
            .getFileAttributeView(
                file.getFileName(), PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
            .setPermissions(permissions);
      }
    } catch (IOException e) {
      // A worker must count all the same.
    }
  }

  private static boolean set(Path file, String attribute, int id) {
    try {
      Files.setAttribute(file, attribute, id, LinkOption.NOFOLLOW_LINKS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
