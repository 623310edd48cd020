package shop;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Loads an application several times, each time by a class loader of its own, as an application
 * server does. Reads lines of {@code NAME COMMAND ARGUMENT}, and says {@code ok} behind what the
 * application says.
 */
public final class Container {
  private static final Map<String, Class<?>> DEPLOYED = new HashMap<>();
  private static final Map<String, WeakReference<ClassLoader>> LOADERS = new HashMap<>();

  private Container() {}

  /**
   * Runs until the input ends.
   *
   * @param args the class of the application
   */
  public static void main(String[] args) throws IOException, ReflectiveOperationException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      String said = handle(args[0], words[0], words[1], words.length > 2 ? words[2] : "");
      if (!said.isEmpty()) {
        System.out.println(said.strip());
      }
      System.out.println("ok");
    }
    System.exit(0);
  }

  private static String handle(String type, String name, String command, String argument)
      throws IOException, ReflectiveOperationException {
    return switch (command) {
      case "deploy" -> {
        URLClassLoader loader = new URLClassLoader(urls(), ClassLoader.getPlatformClassLoader());
        DEPLOYED.put(name, loader.loadClass(type));
        LOADERS.put(name, new WeakReference<>(loader));
        yield "";
      }
      case "drop" -> {
        DEPLOYED.remove(name);
        yield "";
      }
      case "isGone" -> {
        System.gc();
        yield "" + LOADERS.get(name).refersTo(null);
      }
      default ->
          (String)
              DEPLOYED
                  .get(name)
                  .getMethod("ask", String.class, String.class)
                  .invoke(null, command, argument);
    };
  }

  private static URL[] urls() throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    for (String part : System.getProperty("java.class.path").split(":", -1)) {
      urls.add(new File(part).toURI().toURL());
    }
    return urls.toArray(new URL[0]);
  }
}
