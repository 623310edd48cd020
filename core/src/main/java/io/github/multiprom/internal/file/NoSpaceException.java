package io.github.multiprom.internal.file;

import java.io.IOException;

/**
 * Thrown where a metrics directory has no space for more, and instead of another try shortly after
 * one failed. Has no stack trace.
 */
public final class NoSpaceException extends IOException {
  private static final long serialVersionUID = 1;

  public NoSpaceException() {
    super("no space for more series; the next try waits");
  }

  public NoSpaceException(String message, IOException cause) {
    super(message, cause);
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
