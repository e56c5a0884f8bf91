// icon.c - see icon.h. Coordinates are from the middle of the icon, in 14ths of its size.
#include "viz/icon.h"

#include <math.h>

enum { GRID = 14 };

// The pen: where the icon's middle is, how long a unit is, and the colour.
struct pen { struct draw_list *l; struct pt at; float k; struct ink ink; };

static struct pt place(struct pen p, float x, float y)
{
    return pt(p.at.x + x * p.k, p.at.y + y * p.k);
}

static void bar(struct pen p, struct rect r, float round)
{
    struct rect at = {p.at.x + r.x * p.k, p.at.y + r.y * p.k, r.w * p.k, r.h * p.k};
    draw_fill(p.l, at, round * p.k, p.ink);
}

static void triangle(struct pen p, struct pt a, struct pt b, struct pt c)
{
    struct pt v[3] = {place(p, a.x, a.y), place(p, b.x, b.y), place(p, c.x, c.y)};
    draw_poly(p.l, v, 3, p.ink);
}

static void stroke(struct pen p, const struct pt *v, int n, float width)
{
    struct pt to[8];
    for (int i = 0; i < n; i++) to[i] = place(p, v[i].x, v[i].y);
    draw_path(p.l, &(struct path){.p = to, .n = n, .width = width * p.k}, p.ink);
}

static void disc(struct pen p, struct pt at, float r)
{
    draw_circle(p.l, place(p, at.x, at.y), r * p.k, p.ink);
}

static void ring(struct pen p, struct pt at, float r, float width)
{
    draw_ring(p.l, place(p, at.x, at.y), r * p.k, width * p.k, p.ink);
}

static void sun(struct pen p)
{
    disc(p, pt(0, 0), 3);
    for (int i = 0; i < 8; i++) {
        float a = (float)i * 0.7853982f, x = cosf(a), y = sinf(a);
        stroke(p, (struct pt[2]){{x * 4.9f, y * 4.9f}, {x * 6.3f, y * 6.3f}}, 2, 1.4f);
    }
}

static void moon(struct pen p, struct ink on)
{
    disc(p, pt(-0.3f, 0.3f), 6);
    p.ink = on;
    disc(p, pt(3, -2.6f), 5.2f);
}

static void help(struct pen p)
{
    draw_arc(p.l, (struct arc){place(p, 0, -2.4f), 2.9f * p.k, 0.7f, 1.38f, 1.8f * p.k}, p.ink);
    stroke(p, (struct pt[2]){{0.9f, 0.4f}, {0, 2}}, 2, 1.8f);
    disc(p, pt(0, 4.9f), 1.1f);
}

static void transport(struct pen p, enum icon icon)
{
    switch (icon) {
    case ICON_PLAY: triangle(p, pt(-4, -6), pt(-4, 6), pt(6, 0)); break;
    case ICON_PAUSE:
        bar(p, rect(-5, -6, 4, 12), 0.8f);
        bar(p, rect(1, -6, 4, 12), 0.8f);
        break;
    case ICON_STEP_BACK:
        bar(p, rect(-6, -5, 3, 10), 0.8f);
        triangle(p, pt(-3, 0), pt(5, -5), pt(5, 5));
        break;
    case ICON_STEP_FORWARD:
        bar(p, rect(3, -5, 3, 10), 0.8f);
        triangle(p, pt(3, 0), pt(-5, 5), pt(-5, -5));
        break;
    case ICON_STOP: bar(p, rect(-5, -5, 10, 10), 1.5f); break;
    default: disc(p, pt(0, 0), 5); break;
    }
}

void icon_draw(struct draw_list *l, enum icon icon, struct pt at, struct icon_style st)
{
    struct pen p = {l, at, st.size / GRID, st.ink};
    switch (icon) {
    case ICON_MOON: moon(p, st.on); break;
    case ICON_SUN: sun(p); break;
    case ICON_HELP: help(p); break;
    case ICON_SEARCH:
        ring(p, pt(-1, -1), 4.2f, 1.6f);
        stroke(p, (struct pt[2]){{2.2f, 2.2f}, {5.4f, 5.4f}}, 2, 1.8f);
        break;
    case ICON_CLOCK:
        ring(p, pt(0, 0), 5.4f, 1.4f);
        stroke(p, (struct pt[3]){{0, -3.2f}, {0, 0.2f}, {2.3f, 1.4f}}, 3, 1.4f);
        break;
    case ICON_CROSS:
        stroke(p, (struct pt[2]){{-4.5f, -4.5f}, {4.5f, 4.5f}}, 2, 2);
        stroke(p, (struct pt[2]){{-4.5f, 4.5f}, {4.5f, -4.5f}}, 2, 2);
        break;
    case ICON_CHECK: stroke(p, (struct pt[3]){{-5, 0.5f}, {-1.5f, 4}, {5, -4}}, 3, 2); break;
    case ICON_UP: stroke(p, (struct pt[3]){{-4, 2}, {0, -2}, {4, 2}}, 3, 1.8f); break;
    case ICON_DOWN: stroke(p, (struct pt[3]){{-4, -2}, {0, 2}, {4, -2}}, 3, 1.8f); break;
    default: transport(p, icon); break;
    }
}

void mark_draw(struct draw_list *l, unsigned n, struct pt at, float size, struct ink ink)
{
    static const struct { int n; struct pt p[4]; } shape[4] = {
        {0, {{0, 0}}},
        {4, {{0, -7}, {7, 0}, {0, 7}, {-7, 0}}},
        {4, {{-5.5f, -5.5f}, {5.5f, -5.5f}, {5.5f, 5.5f}, {-5.5f, 5.5f}}},
        {3, {{0, -6.5f}, {7, 5.5f}, {-7, 5.5f}}},
    };
    struct pen p = {l, at, size / GRID, ink};
    unsigned kind = n % 4;
    bool hollow = (kind == 0) != (n / 4 % 2 == 1);  // a ring first, the others solid first
    if (kind == 0) {
        if (hollow) ring(p, pt(0, 0), 5, 2.6f);
        else disc(p, pt(0, 0), 6.3f);
        return;
    }
    struct pt v[5] = {{0}};
    float shrink = hollow ? 0.8f : 1;
    for (int i = 0; i < shape[kind].n; i++)
        v[i] = pt(shape[kind].p[i].x * shrink, shape[kind].p[i].y * shrink);
    v[shape[kind].n] = v[0];
    if (hollow) {
        stroke(p, v, shape[kind].n + 1, 2.4f);
        return;
    }
    for (int i = 0; i < shape[kind].n; i++) v[i] = place(p, v[i].x, v[i].y);
    draw_poly(l, v, shape[kind].n, ink);
}
