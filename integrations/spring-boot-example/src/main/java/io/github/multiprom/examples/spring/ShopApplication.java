package io.github.multiprom.examples.spring;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A shop that counts its orders with Micrometer, as any application of Spring Boot does. */
@SpringBootApplication
@RestController
public class ShopApplication {
  private final MeterRegistry meters;

  ShopApplication(MeterRegistry meters) {
    this.meters = meters;
  }

  @GetMapping("/order")
  String order() {
    meters.counter("shop.orders", "kind", "book").increment();
    return "ordered\n";
  }

  /** Starts an instance. */
  public static void main(String[] arguments) {
    SpringApplication.run(ShopApplication.class, arguments);
  }
}
