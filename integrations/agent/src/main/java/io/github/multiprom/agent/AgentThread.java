package io.github.multiprom.agent;

import java.lang.System.Logger.Level;

/**
 * Waits until the application has begun, and then starts what serves and samples: so that neither
 * takes time from a start, and a JVM that ends soon is spared both.
 */
final class AgentThread extends Thread {
  /** An application that has begun sets up its logging, and registers its collectors. */
  private static final long PAUSE_MS = 500;

  /** For a main class that comes with the JDK. */
  private static final long MAX_WAIT_MS = 5_000;

  private static final long MAX_LOGGING_WAIT_MS = 30_000;
  private static final long LOOK_MS = 100;

  private final ClassWatch watch;
  private final boolean isVerbose;

  AgentThread(ClassWatch watch, boolean isVerbose) {
    super(null, null, "multiprom-agent", 0, false);
    this.watch = watch;
    this.isVerbose = isVerbose;
    setDaemon(true);
    setContextClassLoader(null);
  }

  @Override
  public void run() {
    AgentLog.setVerbose(isVerbose);
    try {
      for (long waited = 0; !watch.hasApplication() && waited < MAX_WAIT_MS; waited += LOOK_MS) {
        sleep(LOOK_MS);
      }
      sleep(PAUSE_MS);
      awaitLogManager();
      watch.noteEarlierClasses();
      Isolated isolated = watch.isolated();
      if (isolated != null) {
        isolated.startServices();
      }
    } catch (InterruptedException e) {
      // The application asks all threads to end.
    } catch (Throwable e) {
      AgentLog.write(Level.ERROR, "The agent serves and samples nothing: " + e);
    }
  }

  /**
   * An application on JBoss Modules does not start if the JDK's logging, which the JDK's HTTP
   * server uses, was set up before it named its own.
   */
  private void awaitLogManager() throws InterruptedException {
    for (long waited = 0;
        watch.hasJBossModules()
            && System.getProperty("java.util.logging.manager") == null
            && waited < MAX_LOGGING_WAIT_MS;
        waited += LOOK_MS) {
      sleep(LOOK_MS);
    }
  }
}
