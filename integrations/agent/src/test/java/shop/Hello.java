package shop;

import java.util.Arrays;
import java.util.List;

/** An application without metrics; says which classes of the agent it can see. */
public final class Hello {
  private Hello() {}

  public static void main(String[] args) {
    System.out.println(
        "Hello, world! "
            + Arrays.stream(
                    new String[] {
                      "shop.Hello",
                      "io.github.multiprom.metrics.Worker",
                      "io.github.multiprom.agent.inside.AgentRuntime",
                      "org.objectweb.asm.ClassReader",
                      "io.github.multiprom.agent.shaded.asm.ClassReader",
                      "com.fasterxml.jackson.core.JsonFactory",
                      "isolated.io.github.multiprom.metrics.Worker",
                    })
                .filter(Hello::isVisible)
                .toList());
  }

  private static boolean isVisible(String name) {
    try {
      return List.of(Class.forName(name)).size() == 1;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }
}
