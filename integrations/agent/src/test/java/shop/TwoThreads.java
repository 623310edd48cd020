package shop;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * An application with simpleclient in two packages and a class loader that loads one class at a
 * time, as those of older containers do. While one thread registers its first family, another one
 * loads one more class of simpleclient.
 */
public final class TwoThreads {
  private static final String CLIENT = "io.prometheus.client.";
  private static final String LAST = "Gauge$Child";
  private static final long MAX_WAIT_NANOS = TimeUnit.SECONDS.toNanos(20);

  /** Not registered as parallel capable: its monitor is held while a class is being loaded. */
  private static final class Loader extends URLClassLoader {
    Loader(URL[] urls) {
      super(urls, ClassLoader.getPlatformClassLoader());
    }
  }

  private TwoThreads() {}

  /**
   * Registers a family in each package.
   *
   * @param args the jar of the second package, and what stands before the names of its classes
   */
  public static void main(String[] args) throws Exception {
    Loader loader = new Loader(urls(args[0]));
    // So that a registration in the second package needs no class of the application any more.
    register(make(loader, CLIENT, "first"));
    load(loader, args[0], args[1] + CLIENT);
    Object second = make(loader, args[1] + CLIENT, "second");
    CountDownLatch isLocked = new CountDownLatch(1);
    Thread registering =
        new Thread(
            () -> {
              try {
                isLocked.await();
                register(second);
              } catch (ReflectiveOperationException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    registering.setDaemon(true);
    registering.start();
    synchronized (loader) {
      isLocked.countDown();
      long end = System.nanoTime() + MAX_WAIT_NANOS;
      while (registering.isAlive()
          && registering.getState() != Thread.State.BLOCKED
          && System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      loader.loadClass(args[1] + CLIENT + LAST);
    }
    registering.join();
    System.out.println("done");
    System.exit(0);
  }

  private static URL[] urls(String jar) throws MalformedURLException {
    List<URL> urls = new ArrayList<>(List.of(new File(jar).toURI().toURL()));
    for (String part : System.getProperty("java.class.path").split(":", -1)) {
      urls.add(new File(part).toURI().toURL());
    }
    return urls.toArray(new URL[0]);
  }

  private static Object make(ClassLoader loader, String part, String name)
      throws ReflectiveOperationException {
    Class.forName(part + "CollectorRegistry", true, loader);
    Class<?> counter = Class.forName(part + "Counter", true, loader);
    Object builder = counter.getMethod("build", String.class, String.class).invoke(null, name, "A");
    return builder.getClass().getMethod("create").invoke(builder);
  }

  private static void register(Object family) throws ReflectiveOperationException {
    family.getClass().getMethod("register").invoke(family);
  }

  private static void load(ClassLoader loader, String jar, String part)
      throws IOException, ClassNotFoundException {
    try (JarFile file = new JarFile(jar)) {
      for (JarEntry entry : Collections.list(file.entries())) {
        String name = entry.getName().replace('/', '.');
        if (name.startsWith(part) && name.endsWith(".class") && !name.endsWith(LAST + ".class")) {
          loader.loadClass(name.substring(0, name.length() - ".class".length()));
        }
      }
    }
  }
}
