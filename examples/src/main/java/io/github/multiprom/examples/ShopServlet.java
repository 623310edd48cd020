package io.github.multiprom.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.multiprom.metrics.Histogram;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The application: a shop that counts its requests. Thread-safe. */
public final class ShopServlet extends HttpServlet {
  /** Response header with the pid of the worker that answered. */
  static final String WORKER_HEADER = "X-Worker";

  private static final long serialVersionUID = 1L;
  private static final String PID = Long.toString(ProcessHandle.current().pid());

  /** Called by the servlet container. */
  public ShopServlet() {}

  /**
   * Makes the metrics known, so that a scrape before the first request shows those of all workers.
   */
  @Override
  public void init() {
    ShopPage.of("/");
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    ShopPage page = ShopPage.of(request.getPathInfo());
    ShopMetrics.IN_FLIGHT.inc();
    Histogram.Timer timer = page.duration.startTimer();
    try {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(page.workMs));
    } finally {
      timer.observeDuration();
      ShopMetrics.IN_FLIGHT.dec();
    }
    // Before the answer is on its way: who has read an answer finds it counted.
    page.requests.inc();
    answer(response, page.status, page.path);
  }

  static void answer(HttpServletResponse response, int status, String text) throws IOException {
    byte[] body = (text + "\n").getBytes(UTF_8);
    response.setStatus(status);
    response.setHeader(WORKER_HEADER, PID);
    response.setContentType("text/plain;charset=utf-8");
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }
}
