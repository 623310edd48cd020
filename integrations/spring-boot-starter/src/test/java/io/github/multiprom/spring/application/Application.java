package io.github.multiprom.spring.application;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** An application that knows nothing of Multiprom. */
@SpringBootApplication
@RestController
public class Application {
  private final MeterRegistry meters;

  public Application(MeterRegistry meters) {
    this.meters = meters;
  }

  @GetMapping("/hello")
  public String hello() {
    meters.counter("greetings", "kind", "short").increment();
    return "hello";
  }

  public static ConfigurableApplicationContext start(String... arguments) {
    String[] all = new String[arguments.length + 4];
    all[0] = "--server.port=0";
    all[1] = "--management.endpoints.web.exposure.include=prometheus,health";
    all[2] = "--spring.main.banner-mode=off";
    all[3] = "--logging.level.root=warn";
    System.arraycopy(arguments, 0, all, 4, arguments.length);
    return SpringApplication.run(Application.class, all);
  }

  public static int port(ConfigurableApplicationContext context) {
    return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }

  /**
   * Starts it.
   *
   * @param arguments a file that takes the port once it serves, and what Spring is given
   */
  public static void main(String[] arguments) throws IOException {
    String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
    int port = port(start(rest));
    Path file = Path.of(arguments[0]);
    Path whole = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(whole, Integer.toString(port));
    Files.move(whole, file);
  }
}
