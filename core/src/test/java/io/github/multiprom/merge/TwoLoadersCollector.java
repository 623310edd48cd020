package io.github.multiprom.merge;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Two applications in one JVM, each a {@link RetiringCollector} with its own copy of everything.
 */
final class TwoLoadersCollector {
  private TwoLoadersCollector() {}

  /** Takes the arguments of {@link RetiringCollector}, and prints what two of them print. */
  public static void main(String[] arguments) throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Method main = copyOfMain();
      threads.add(
          new Thread(
              () -> {
                try {
                  main.invoke(null, (Object) arguments);
                } catch (ReflectiveOperationException e) {
                  System.out.println(e.getCause());
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** The loader lives as long as its thread, and with it the process. */
  @SuppressWarnings("resource")
  private static Method copyOfMain() throws IOException, ReflectiveOperationException {
    URL[] classPath =
        List.of(System.getProperty("java.class.path").split(File.pathSeparator)).stream()
            .map(TwoLoadersCollector::url)
            .toArray(URL[]::new);
    ClassLoader loader = new URLClassLoader(classPath, ClassLoader.getPlatformClassLoader());
    Method main =
        loader
            .loadClass(RetiringCollector.class.getName())
            .getDeclaredMethod("main", String[].class);
    main.setAccessible(true);
    return main;
  }

  private static URL url(String path) {
    try {
      return Path.of(path).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new AssertionError(e);
    }
  }
}
