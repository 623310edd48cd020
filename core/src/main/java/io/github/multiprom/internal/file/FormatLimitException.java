package io.github.multiprom.internal.file;

import java.io.IOException;

/** Thrown for what a worker file cannot hold, however much space there is. */
public final class FormatLimitException extends IOException {
  private static final long serialVersionUID = 1;

  FormatLimitException(String message) {
    super(message);
  }
}
