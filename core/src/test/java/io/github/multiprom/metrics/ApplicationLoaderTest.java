package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertNotSame;

import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.internal.worker.StoreUnderTest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application in a class loader of its own, which uses a library that a server shares. */
@Tag(StoreUnderTest.TAG)
public class ApplicationLoaderTest {
  public static Path directory;
  public static Worker worker;

  /** The application. */
  public static final class Application implements Runnable {
    @Override
    public void run() {
      worker = Worker.builder().directory(directory).open();
    }
  }

  /** Loads the application, and nothing else. */
  private static final class Loader extends ClassLoader {
    Loader() {
      super(ApplicationLoaderTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.equals(Application.class.getName())) {
        return super.loadClass(name, resolve);
      }
      try (InputStream file = getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = file.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static WeakReference<ClassLoader> runApplication() throws ReflectiveOperationException {
    Loader loader = new Loader();
    Class<?> application = loader.loadClass(Application.class.getName());
    assertNotSame(Application.class, application);
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      ((Runnable) application.getDeclaredConstructor().newInstance()).run();
    } finally {
      thread.setContextClassLoader(before);
    }
    return new WeakReference<>(loader);
  }

  @Test
  void isNotKeptByTheWorkerThatItOpened(@TempDir Path path) throws Exception {
    directory = path;
    WeakReference<ClassLoader> loader = runApplication();
    try {
      Children.await(
          () -> {
            System.gc();
            return loader.refersTo(null);
          },
          "the class loader is kept");
    } finally {
      worker.close();
    }
  }
}
