package io.github.multiprom.examples;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * What the answering worker alone has counted: the number that its {@code /metrics} would show if
 * the workers did not share theirs. Thread-safe.
 */
public final class OwnCountServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  /** Called by the servlet container. */
  public OwnCountServlet() {}

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    double count = 0;
    for (ShopPage page : ShopPage.ALL) {
      count += page.requests.get();
    }
    ShopServlet.answer(response, HttpServletResponse.SC_OK, Long.toString((long) count));
  }
}
