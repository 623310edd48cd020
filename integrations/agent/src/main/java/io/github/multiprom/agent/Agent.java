package io.github.multiprom.agent;

import java.lang.instrument.Instrumentation;

/**
 * The entry of the agent: {@code -javaagent:multiprom-agent.jar=9464,dir=/dev/shm/my-app}.
 *
 * <p>Whatever is wrong, the application runs as without it. A JVM that cannot load an agent's class
 * does not start: so this class is compiled for Java 8, and needs another one on Java 17 only.
 */
public final class Agent {
  private static final int OLDEST_JAVA = 17;

  private static boolean isStarted;

  private Agent() {}

  /** Called by the JVM before {@code main}. Never throws. */
  public static void premain(String arguments, Instrumentation instrumentation) {
    try {
      String java = System.getProperty("java.specification.version", "");
      if (java.startsWith("1.") || Integer.parseInt(java) < OLDEST_JAVA) {
        say("does nothing: it needs Java " + OLDEST_JAVA + ", and this is Java " + java);
      } else if (isStarted) {
        say("is given twice; the first one counts");
      } else {
        isStarted = true;
        ClassWatch.start(arguments, instrumentation);
      }
    } catch (Throwable e) {
      say("does nothing: " + e);
    }
  }

  private static void say(String what) {
    System.err.println("multiprom-agent: ERROR The agent " + what);
  }
}
