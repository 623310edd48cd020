package io.github.multiprom.internal.file;

import java.io.IOException;

/**
 * A file cannot be read as what its name promises; {@link #reason()} is the self-metric's label.
 */
public final class UnreadableFileException extends IOException {
  private static final long serialVersionUID = 1;

  private final Reason reason;

  /** Why files are left out. */
  public enum Reason {
    EMPTY,
    FOREIGN,
    NOT_REGULAR,
    WRONG_OWNER,
    /** Another file has its name, and that one cannot be read. */
    REPLACED,
    NEWER_VERSION,
    /** What this release knows is served; the file is never retired or deleted. */
    NEWER,
    TRUNCATED,
    /** It needs more heap than this process can give. */
    TOO_LARGE,
    DAMAGED_HEADER,
    /** The records before the damaged one are served. */
    DAMAGED_RECORD,
    IO_ERROR;

    public String label() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  public UnreadableFileException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** Why a file cannot be read: of other exceptions the message may be no more than its name. */
  public static String text(IOException why) {
    return why instanceof UnreadableFileException ? why.getMessage() : why.toString();
  }

  public Reason reason() {
    return reason;
  }
}
