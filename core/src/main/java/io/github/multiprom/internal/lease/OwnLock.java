package io.github.multiprom.internal.lease;

import io.github.multiprom.internal.os.ProcessIdentity;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Tells whether the kernel still knows a lock of this process on a file that the process has open.
 * One thread.
 *
 * <p>Any code of the JVM that opens and closes the file drops the lock, and the JDK goes on to call
 * it valid. The kernel lists the locks of an open file in {@code /proc/self/fdinfo}; {@code
 * /proc/locks} would tell as much, but reading it stops all locking on the host, and the inodes
 * there are not those of {@code stat} on every file system.
 */
final class OwnLock {
  private static final String DESCRIPTORS = "/proc/self/fd";

  // The descriptor that had the lock when it was last looked for.
  private String descriptor = "";

  /** Held or free; unknown where the kernel does not tell. */
  LockFiles.State stateOf(Path file) throws IOException {
    if (targetOf(descriptor).endsWith("/" + file.getFileName()) && hasLock(descriptor)) {
      return LockFiles.State.HELD;
    }
    String path = file.toRealPath().toString();
    String[] all = new File(DESCRIPTORS).list();
    LockFiles.State state = LockFiles.State.UNKNOWN;
    // The application may have the file open as well, through descriptors without a lock.
    for (String candidate : all == null ? new String[0] : all) {
      if (targetOf(candidate).equals(path)) {
        if (hasLock(candidate)) {
          descriptor = candidate;
          return LockFiles.State.HELD;
        }
        state = LockFiles.State.FREE;
      }
    }
    return state;
  }

  private static boolean hasLock(String descriptor) {
    return ProcessIdentity.text("/proc/self/fdinfo/" + descriptor).contains("\nlock:");
  }

  private static String targetOf(String descriptor) {
    try {
      return descriptor.isEmpty()
          ? ""
          : Files.readSymbolicLink(Path.of(DESCRIPTORS, descriptor)).toString();
    } catch (IOException | RuntimeException e) {
      // Closed meanwhile.
      return "";
    }
  }
}
