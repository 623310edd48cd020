package io.github.multiprom.agent;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.ZipFile;

/**
 * Loads what the agent consists of, libraries included, from a folder of the agent's jar in which
 * no other loader finds classes. It sees the JDK and the agent's entry besides, and nothing of the
 * application. Thread-safe.
 */
public final class IsolatedLoader extends ClassLoader {
  private static final String FOLDER = "isolated/";
  private static final String ENTRY = "io.github.multiprom.agent.";

  static {
    registerAsParallelCapable();
  }

  private final JarFile jar;
  private final String url;

  IsolatedLoader(File file) throws IOException {
    super("multiprom-agent", ClassLoader.getPlatformClassLoader());
    jar = new JarFile(file, false, ZipFile.OPEN_READ);
    url = "jar:" + file.toURI() + "!/";
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (name.startsWith("java.")) {
      return super.loadClass(name, resolve);
    }
    if (name.startsWith(ENTRY) && name.indexOf('.', ENTRY.length()) < 0) {
      return IsolatedLoader.class.getClassLoader().loadClass(name);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded == null) {
        byte[] bytes = bytes(name.replace('.', '/') + ".class");
        loaded =
            bytes != null
                ? defineClass(
                    name, bytes, 0, bytes.length, IsolatedLoader.class.getProtectionDomain())
                : super.loadClass(name, false);
      }
      if (resolve) {
        resolveClass(loaded);
      }
      return loaded;
    }
  }

  /**
   * What is in the agent's own folder.
   *
   * @param name with slashes
   * @return null if there is nothing of this name
   */
  public byte[] bytes(String name) {
    JarEntry entry = jar.getJarEntry(FOLDER + name);
    if (entry == null) {
      return null;
    }
    try (InputStream in = jar.getInputStream(entry)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected URL findResource(String name) {
    if (jar.getJarEntry(FOLDER + name) == null) {
      return null;
    }
    try {
      return new URL(url + FOLDER + name);
    } catch (MalformedURLException e) {
      return null;
    }
  }

  @Override
  protected Enumeration<URL> findResources(String name) {
    URL found = findResource(name);
    return Collections.enumeration(found == null ? List.of() : List.of(found));
  }
}
