package io.github.multiprom.store;

import java.io.IOException;

/** Thrown instead of another try to grow shortly after one failed. Has no stack trace. */
final class NoSpaceException extends IOException {
  private static final long serialVersionUID = 1;

  NoSpaceException() {
    super("no space for more series; the next try waits");
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
