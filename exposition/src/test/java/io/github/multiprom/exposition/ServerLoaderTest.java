package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.merge.MultiprocessCollector;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.net.HttpURLConnection;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application that brings the library along, and is undeployed while its JVM goes on. */
class ServerLoaderTest {
  @TempDir Path directory;

  /** The application: serves, is scraped, ends, and does so again. */
  public static final class Application implements Consumer<Path> {
    @Override
    public void accept(Path directory) {
      try (MultiprocessCollector collector = new MultiprocessCollector(directory)) {
        for (int i = 0; i < 2; i++) {
          try (MetricsServer server = MetricsServer.start(collector, "127.0.0.1", 0)) {
            HttpURLConnection connection =
                (HttpURLConnection) URI.create(server.url()).toURL().openConnection();
            try (InputStream in = connection.getInputStream()) {
              String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
              if (!text.contains("multiprom_workers")) {
                throw new IllegalStateException(text);
              }
            }
          }
        }
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static URL url(String path) {
    try {
      return new File(path).toURI().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @SuppressWarnings("unchecked") // The class is the one above.
  private WeakReference<ClassLoader> runApplication() throws Exception {
    List<URL> path = new ArrayList<>();
    for (String part : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      path.add(url(part));
    }
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader(path.toArray(new URL[0]), ClassLoader.getPlatformClassLoader())) {
      Class<?> application = loader.loadClass(Application.class.getName());
      assertNotSame(Application.class, application);
      thread.setContextClassLoader(loader);
      ((Consumer<Path>) application.getDeclaredConstructor().newInstance()).accept(directory);
      return new WeakReference<>(loader);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  void isNotKeptByAServerThatWasClosed() throws Exception {
    WeakReference<ClassLoader> loader = runApplication();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!loader.refersTo(null)) {
      assertTrue(System.nanoTime() - end < 0, "the class loader is kept");
      System.gc();
    }
  }
}
