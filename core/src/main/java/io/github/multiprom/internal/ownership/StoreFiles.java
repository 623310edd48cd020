package io.github.multiprom.internal.ownership;

import io.github.multiprom.internal.os.Interrupts;
import io.github.multiprom.internal.os.OpenFiles;
import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Names and permissions of the files in a metrics directory. */
public final class StoreFiles {
  public static final String WORKER_SUFFIX = ".worker";
  public static final String LEASE_SUFFIX = ".lease";
  public static final String MAP_SUFFIX = ".chronicle";
  static final String NEW_LOCK_SUFFIX = ".lock";
  public static final String TEMPORARY_SUFFIX = ".tmp";
  public static final String RETAINED_NAME = "multiprom.retained";
  public static final String SPARE_NAME = "multiprom.spare";
  public static final String LOCK_NAME = "multiprom.lock";
  static final String PORT_PREFIX = "multiprom.port-";

  /** What a worker makes when it opens has its name, or is locked, much sooner. */
  private static final long YOUNG_MS = 10_000;

  public static final Set<OpenOption> NEW_FILE =
      Set.of(
          StandardOpenOption.CREATE_NEW,
          StandardOpenOption.READ,
          StandardOpenOption.WRITE,
          LinkOption.NOFOLLOW_LINKS);

  /** Never creates: of another user's file, in a directory of all, the kernel would refuse that. */
  public static final Set<OpenOption> EXISTING_FILE =
      Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

  private static final Set<PosixFilePermission> FILE_PERMISSIONS =
      Set.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.GROUP_READ);
  private static final boolean POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  static final FileAttribute<?>[] FILE_MODE = mode(FILE_PERMISSIONS);
  public static final FileAttribute<?>[] DIRECTORY_MODE =
      mode(
          Set.of(
              PosixFilePermission.OWNER_READ,
              PosixFilePermission.OWNER_WRITE,
              PosixFilePermission.OWNER_EXECUTE,
              PosixFilePermission.GROUP_READ,
              PosixFilePermission.GROUP_EXECUTE));

  private StoreFiles() {}

  public static Path worker(Path directory, Incarnation incarnation) {
    return directory.resolve(incarnation + WORKER_SUFFIX);
  }

  public static Path lease(Path directory, Incarnation incarnation) {
    return directory.resolve(incarnation + LEASE_SUFFIX);
  }

  public static Path map(Path directory, Incarnation incarnation) {
    return directory.resolve(incarnation + MAP_SUFFIX);
  }

  /** A lock that has not got its name yet; the incarnation makes its name unique. */
  static Path newLock(Path directory, Incarnation incarnation) {
    return temporary(directory.resolve(incarnation + NEW_LOCK_SUFFIX));
  }

  public static Path temporary(Path finalName) {
    return finalName.resolveSibling(finalName.getFileName() + TEMPORARY_SUFFIX);
  }

  /** The names of all files: a Path for each would be two thirds of a warm scrape's garbage. */
  public static String[] names(Path directory) throws IOException {
    String[] names = directory.toFile().list();
    if (names != null) {
      return names;
    }
    // It does not say why it cannot.
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      throw new IOException("the files of " + directory + " cannot be listed");
    } catch (NotDirectoryException e) {
      throw new NotDirectoryException(directory + " is not a directory");
    } catch (NoSuchFileException | AccessDeniedException e) {
      throw e;
    } catch (FileSystemException e) {
      if (OpenFiles.makeRoom(directory, e)) {
        return names(directory);
      }
      throw e;
    }
  }

  /** What tells a file from another of its name; null if nothing does. */
  public static Object key(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }

  /** Whether a name still leads to the file of a key. */
  public static boolean isStill(Path path, Object fileKey) {
    try {
      Object now = key(path);
      return fileKey == null || fileKey.equals(now);
    } catch (IOException e) {
      // Only a name that is surely gone counts; any other failure may pass.
      return Files.exists(path, LinkOption.NOFOLLOW_LINKS)
          || !Files.notExists(path, LinkOption.NOFOLLOW_LINKS);
    }
  }

  /** Whether a file may be one that its worker is just making. */
  public static boolean isYoung(Path file) {
    try {
      long modifiedMs = Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toMillis();
      return System.currentTimeMillis() - modifiedMs <= YOUNG_MS;
    } catch (IOException e) {
      // Its worker gave it its name since the listing, or it cannot be told.
      return true;
    }
  }

  public static void renameAtomically(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Forces a file or a directory to the disk. */
  public static void force(Path path) throws IOException {
    Interrupts.retrying(
        () -> {
          try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
          }
          return null;
        });
  }

  private static FileAttribute<?>[] mode(Set<PosixFilePermission> permissions) {
    return POSIX
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
        : new FileAttribute<?>[0];
  }
}
