package io.github.multiprom.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Says what went wrong to the person who has to mend it. */
final class Failures {
  private Failures() {}

  /** One line without control characters. */
  static String reason(Throwable failure) {
    return line(text(failure));
  }

  /** A text in one line. */
  static String line(String text) {
    return Words.plain(text.strip().replaceAll("\\s*\\R\\s*", " "));
  }

  private static String text(Throwable failure) {
    String message = failure.getMessage();
    if (message != null && isPlain(failure)) {
      return message;
    }
    if (failure instanceof FileSystemException file && file.getFile() != null) {
      return file.getFile() + ": " + reasonOf(file);
    }
    String name = failure.getClass().getSimpleName();
    return message == null ? name : name + ": " + message;
  }

  /** Whether the message says all. */
  private static boolean isPlain(Throwable failure) {
    return failure.getClass() == IOException.class
        || failure.getClass().getName().startsWith("io.github.multiprom.");
  }

  private static String reasonOf(FileSystemException failure) {
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (failure instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    String reason = failure.getReason();
    return reason == null ? failure.getClass().getSimpleName() : reason;
  }
}
