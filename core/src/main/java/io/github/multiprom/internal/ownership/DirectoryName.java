package io.github.multiprom.internal.ownership;

import io.github.multiprom.internal.os.StoreLog;
import java.net.URI;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Path;

/**
 * The configured name of a metrics directory, which comes with what shells, files of settings and
 * URLs put around it. Workers and commands take it the same way, or they would use two directories.
 */
public final class DirectoryName {
  private DirectoryName() {}

  /**
   * The name without quotes, blanks and {@code file:} around it, and with {@code ~} resolved. A
   * name that is changed is one line on the log.
   *
   * @param source what the log calls the setting
   * @param configured null if it is not set
   * @return empty if no directory is configured
   */
  public static String asUsed(String source, String configured) {
    if (configured == null || configured.isBlank()) {
      return "";
    }
    String name = withoutQuotes(configured.strip());
    if (name.startsWith("file:")) {
      name = pathOfUrl(name);
    } else if (name.equals("~") || name.startsWith("~/")) {
      name = System.getProperty("user.home") + name.substring(1);
    }
    if (!name.equals(configured)) {
      StoreLog.warnOnce(
          "directory-name " + source + configured,
          source + " is [" + configured + "], which is taken as " + name);
    }
    return name;
  }

  private static String withoutQuotes(String name) {
    int last = name.length() - 1;
    boolean quoted =
        last > 0
            && (name.charAt(0) == '"' || name.charAt(0) == '\'')
            && name.charAt(last) == name.charAt(0);
    return quoted ? name.substring(1, last).strip() : name;
  }

  private static String pathOfUrl(String url) {
    try {
      return Path.of(URI.create(url)).toString();
    } catch (IllegalArgumentException | FileSystemNotFoundException e) {
      return url.substring("file:".length());
    }
  }
}
