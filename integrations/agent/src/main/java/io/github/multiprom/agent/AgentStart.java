package io.github.multiprom.agent;

import java.lang.System.Logger.Level;
import java.lang.instrument.Instrumentation;

/**
 * Starts the agent: what is needed before {@code main} in the main thread, and the rest in a thread
 * of its own, once the application runs. One thread.
 */
final class AgentStart {
  private AgentStart() {}

  static void start(String arguments, Instrumentation instrumentation) {
    AgentOptions options;
    try {
      options = AgentOptions.parse(arguments);
    } catch (IllegalArgumentException e) {
      AgentLog.write(Level.ERROR, "The agent does nothing: " + e.getMessage());
      return;
    }
    AgentLog.setVerbose(options.isVerbose());
    ClassWatch watch = new ClassWatch(options, instrumentation);
    instrumentation.addTransformer(watch);
    Thread thread = new Thread(null, new AgentThread(watch), "multiprom-agent", 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    thread.start();
  }
}
