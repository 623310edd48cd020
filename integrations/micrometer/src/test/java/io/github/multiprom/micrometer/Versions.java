package io.github.multiprom.micrometer;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.util.jar.Attributes;

/** Which Micrometer is on the class path. */
final class Versions {
  private Versions() {}

  static String ofMicrometer() {
    try {
      URL type = MeterRegistry.class.getResource("MeterRegistry.class");
      JarURLConnection jar = (JarURLConnection) type.openConnection();
      return jar.getManifest().getMainAttributes().getValue(Attributes.Name.IMPLEMENTATION_VERSION);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the one on the class path has a version, or a later one. */
  static boolean isAtLeast(int major, int minor) {
    String[] parts = ofMicrometer().split("\\.", -1);
    int its = Integer.parseInt(parts[0]);
    return its > major || (its == major && Integer.parseInt(parts[1]) >= minor);
  }
}
