package io.github.multiprom.agent;

import java.lang.System.Logger.Level;

/**
 * The agent's lines on the standard error of the application, which may not have set up its logging
 * yet, and whose logging is not to be set up by an agent. Thread-safe.
 */
public final class AgentLog {
  private static volatile boolean isVerbose;

  private AgentLog() {}

  static void setVerbose(boolean verbose) {
    isVerbose = verbose;
  }

  /** Writes a line; one that is no warning only where the agent is to tell all. Never throws. */
  public static void write(Level level, String text) {
    try {
      if (isVerbose || level.getSeverity() >= Level.WARNING.getSeverity()) {
        System.err.println("multiprom-agent: " + level + " " + text);
      }
    } catch (RuntimeException | Error e) {
      // There is nowhere else to tell it.
    }
  }
}
