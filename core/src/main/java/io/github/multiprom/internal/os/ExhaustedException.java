package io.github.multiprom.internal.os;

/**
 * A directory cannot be read now, for want of heap, direct memory or file descriptors in this
 * process, and nothing that was read before can be shown instead. No answer is better than sums
 * that are too small.
 */
public final class ExhaustedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** For want of something. */
  public ExhaustedException(String message, Throwable cause) {
    super(message, cause);
  }
}
