package io.github.multiprom.cli;

/** A command cannot do what it was asked to; the message is the one line that the user sees. */
public final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** A failure with its reason. */
  public CommandFailure(String message) {
    super(message);
  }
}
