package io.github.multiprom.internal.chronicle;

import io.github.multiprom.internal.worker.ClassLoadersTest;
import java.lang.reflect.Method;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Two copies of the library and of Chronicle Map in one JVM, each with a {@link ChronicleWorker}
 * whose loader is closed while its threads count.
 */
final class ChronicleLoaders {
  static final int COPIES = 2;

  // Strong: a logger that nobody holds forgets its level.
  private static final Logger LOGGER = Logger.getLogger("io.github.multiprom");

  private ChronicleLoaders() {}

  /** Argument: the directory. Prints {@code counted}, and exits after a line of input. */
  public static void main(String[] arguments) throws Exception {
    System.setErr(System.out);
    // A worker may say that it cannot load classes any more.
    LOGGER.setLevel(Level.OFF);
    for (int i = 0; i < COPIES; i++) {
      try (URLClassLoader loader = ClassLoadersTest.newLoader()) {
        Class<?> worker = loader.loadClass(ChronicleWorker.class.getName());
        Method start = worker.getDeclaredMethod("startCounting", Path.class);
        start.setAccessible(true);
        start.invoke(null, Path.of(arguments[0]));
      }
      System.gc();
    }
    System.out.println("counted");
    System.in.read();
    System.exit(0);
  }
}
