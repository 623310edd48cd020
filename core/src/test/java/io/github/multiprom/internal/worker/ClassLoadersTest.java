package io.github.multiprom.internal.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.internal.lease.LeaseWorker;
import io.github.multiprom.internal.lease.LockFilesTest;
import io.github.multiprom.internal.lease.RelocatingLoader;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two applications in one JVM, with a copy of the library each, share a directory. */
@Tag(StoreUnderTest.TAG)
public class ClassLoadersTest {
  @TempDir Path directory;

  /** A loader of everything on the class path, which shares nothing with others. */
  public static URLClassLoader newLoader() {
    try {
      List<URL> all = new ArrayList<>();
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
        all.add(Path.of(entry).toUri().toURL());
      }
      return new URLClassLoader(all.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
    } catch (MalformedURLException e) {
      throw new AssertionError(e);
    }
  }

  /** One copy of the library. */
  private static final class Copy implements AutoCloseable {
    final ClassLoader loader;
    private final String packageName;
    Object worker;
    Object reader;

    Copy() {
      this(newLoader(), "io.github.multiprom");
    }

    private Copy(ClassLoader loader, String packageName) {
      this.loader = loader;
      this.packageName = packageName;
    }

    static Copy relocated(String packageName) {
      return new Copy(new RelocatingLoader(packageName), packageName);
    }

    Class<?> load(String name) throws ClassNotFoundException {
      return loader.loadClass(packageName + ".internal." + name);
    }

    String open(Path directory) throws ReflectiveOperationException {
      Object kind =
          load("worker.StoreKind")
              .getMethod("ofName", String.class)
              .invoke(null, StoreUnderTest.KIND.settingName());
      Object options =
          load("worker.StoreOptions")
              .getConstructor(String.class, int.class, int.class, load("worker.StoreKind"))
              .newInstance("", 4, 10_000, kind);
      worker =
          load("worker.MappedIncarnation")
              .getMethod("inDirectory", Path.class, load("worker.StoreOptions"))
              .invoke(null, directory, options);
      Object info = load("worker.MappedIncarnation").getMethod("info").invoke(worker);
      return info.getClass().getMethod("incarnation").invoke(info).toString();
    }

    void read(Path directory) throws ReflectiveOperationException {
      if (reader == null) {
        reader =
            load("directory.DirectoryReader").getConstructor(Path.class).newInstance(directory);
      }
      load("directory.DirectoryReader").getMethod("read").invoke(reader);
    }

    private Object callLockFiles(String name, Path path) throws ReflectiveOperationException {
      Method method = load("lease.LockFiles").getDeclaredMethod(name, Path.class);
      method.setAccessible(true);
      return method.invoke(null, path);
    }

    void markExit() throws ReflectiveOperationException {
      load("worker.MappedIncarnation").getMethod("markExit", long.class).invoke(worker, 1L);
    }

    void closeWorker() throws ReflectiveOperationException {
      load("worker.MappedIncarnation").getMethod("close").invoke(worker);
    }

    @Override
    public void close() throws ReflectiveOperationException, IOException {
      if (reader != null) {
        load("directory.DirectoryReader").getMethod("close").invoke(reader);
      }
      closeWorker();
      if (loader instanceof Closeable closeable) {
        closeable.close();
      }
    }
  }

  private WeakReference<ClassLoader> runAndClose() throws Exception {
    try (URLClassLoader loader = newLoader()) {
      Class<?> workers = loader.loadClass("io.github.multiprom.metrics.Worker");
      Object builder = workers.getMethod("builder").invoke(null);
      builder.getClass().getMethod("directory", Path.class).invoke(builder, directory);
      Object worker = builder.getClass().getMethod("open").invoke(builder);
      Class<?> readers = loader.loadClass("io.github.multiprom.internal.directory.DirectoryReader");
      Object reader = readers.getConstructor(Path.class).newInstance(directory);
      readers.getMethod("read").invoke(reader);
      readers.getMethod("read").invoke(reader);
      readers.getMethod("close").invoke(reader);
      workers.getMethod("close").invoke(worker);
      return new WeakReference<>(loader);
    }
  }

  @Test
  void areForgottenWithTheirWorker() throws Exception {
    // Chronicle Map, and from JDK 25 on a soft reference of the JDK, keep the loader for a while.
    assumeTrue(StoreUnderTest.KIND == StoreKind.MAPPED && Runtime.version().feature() < 25);
    WeakReference<ClassLoader> loader = runAndClose();
    Children.await(
        () -> {
          System.gc();
          return loader.refersTo(null);
        },
        "the class loader is kept");
  }

  @Test
  void keepTheLeasesOfBothCopiesWhoeverScrapes() throws Exception {
    keepTheLeasesOf(new Copy(), new Copy());
  }

  @Test
  void keepTheLeasesOfCopiesThatWereRelocated() throws Exception {
    keepTheLeasesOf(Copy.relocated("com.example.shaded"), Copy.relocated("org.example.metrics"));
  }

  @Test
  void knowTheLocksOfCopiesThatWereRelocated() throws Exception {
    Path file = Files.createFile(directory.resolve("lock"));
    Copy one = Copy.relocated("com.example.shaded");
    Copy two = Copy.relocated("org.example.metrics");
    Object held = one.callLockFiles("tryLock", file);
    assertNotNull(held);
    assertEquals("HELD", two.callLockFiles("probe", file).toString());
    assertNull(two.callLockFiles("tryLock", file));
    try (Children children = new Children()) {
      Process prober = children.start(LockFilesTest.Prober.class, file.toString());
      assertEquals("HELD", LockFilesTest.ask(prober), "the second copy has not opened the file");
    }
    assertTrue(held.getClass().getName().startsWith("com.example.shaded."));
  }

  private void keepTheLeasesOf(Copy first, Copy second) throws Exception {
    try (Children children = new Children()) {
      Process probe = children.start(LeaseWorker.class, directory.toString());
      try (Copy one = first;
          Copy two = second) {
        assertNotSame(one.load("worker.MappedIncarnation"), two.load("worker.MappedIncarnation"));
        var both = new TreeSet<>(List.of(one.open(directory), two.open(directory)));
        assertEquals(2, both.size());
        int maps = StoreUnderTest.KIND == StoreKind.CHRONICLE ? 2 : 0;
        assertEquals(maps, StoreUnderTest.mapCount(directory));
        for (int i = 0; i < 3; i++) {
          assertEquals(both.toString(), ask(probe));
          one.read(directory);
          two.read(directory);
        }
        one.markExit();
        two.read(directory);
        one.read(directory);
        assertEquals(both.toString(), ask(probe), "after the exit was announced");
        one.closeWorker();
        two.read(directory);
        assertTrue(ask(probe).length() < both.toString().length(), "one lives");
      }
      assertEquals("[]", ask(probe));
    }
  }

  /** The live incarnations as another process sees them. */
  private static String ask(Process probe) throws IOException {
    probe.getOutputStream().write("read\n".getBytes(StandardCharsets.UTF_8));
    probe.getOutputStream().flush();
    BufferedReader answers = probe.inputReader();
    return answers.readLine();
  }
}
