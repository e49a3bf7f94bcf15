// Layers that not every world has: streets, the land reached along them, and who reports to whom.

// x, y of vertices and the first vertex of each line or ring, as one path in metres: drawn under any camera.
function pathOf(view, nVertices, nParts, closed) {
  const buffer = ownBuffer(view), path = new Path2D();
  if (buffer.byteLength < 8 * nVertices + 4 * nParts) return path;
  const xy = new Float32Array(buffer, 0, 2 * nVertices), starts = new Uint32Array(buffer, 8 * nVertices, nParts);
  for (let p = 0; p < nParts; p++) {
    const end = p + 1 < nParts ? starts[p + 1] : nVertices;
    path.moveTo(xy[2 * starts[p]], xy[2 * starts[p] + 1]);
    for (let v = starts[p] + 1; v < end; v++) path.lineTo(xy[2 * v], xy[2 * v + 1]);
    if (closed) path.closePath();
  }
  return path;
}

// Draw in metres: the width of lines is in metres too.
function inMetres(painter, drawing) {
  const { ctx, camera, ratio } = painter, scale = camera.scale * ratio;
  ctx.save();
  ctx.setTransform(scale, 0, 0, -scale, (camera.width * ratio) / 2 - camera.x * scale, (camera.height * ratio) / 2 + camera.y * scale);
  drawing(ctx, 1 / camera.scale);
  ctx.restore();
}

function drawStreets(painter) {
  const { scene, style } = painter;
  if (!scene.streets) return;
  inMetres(painter, (ctx, px) => {
    ctx.strokeStyle = style.colours.street;
    ctx.lineWidth = 1.1 * px;
    ctx.stroke(scene.streets);
  });
}

// Isochrones of one settlement type are one path: where they overlap they are one area.
function drawReached(painter, over) {
  const { scene, style } = painter;
  for (const [settlement, colour] of Object.entries(style.colours.settlements)) {
    const path = new Path2D();
    for (const site of scene.sites) {
      if (site.settlement !== settlement || over.drag?.id === site.id || !scene.isShown(site, style.layers)) continue;
      const land = scene.reached.get(scene.reachedKeys[site.id]);
      if (land) path.addPath(land);
    }
    inMetres(painter, (ctx, px) => {
      ctx.fillStyle = ctx.strokeStyle = colour;
      ctx.globalAlpha = 0.2;
      ctx.fill(path);
      ctx.globalAlpha = 0.75;
      ctx.lineWidth = 0.9 * px;
      ctx.stroke(path);
    });
  }
}

// Thicker towards the top of the tree; the way up from the marked facility, and its own branches, in colour.
function drawLinks(painter, over) {
  const { ctx, scene, style } = painter, chain = new Set();
  for (let site = scene.byId.get(over.selected); site && !chain.has(site.id); site = scene.byId.get(site.parent)) chain.add(site.id);
  const isMarked = (site) => chain.has(site.id) || site.parent === over.selected;
  for (const marked of [false, true]) {
    for (const rank of [1, 2, 3]) {
      ctx.beginPath();
      for (const site of scene.sites) {
        const parent = site.parent && scene.byId.get(site.parent);
        if (!parent || site.status !== "existing" || parent.status !== "existing") continue;
        if ((LEVEL_RANK[site.level] ?? 1) !== rank || isMarked(site) !== marked) continue;
        ctx.moveTo(...painter.at(site, over));
        ctx.lineTo(...painter.at(parent, over));
      }
      ctx.strokeStyle = marked ? style.colours.proposed : style.colours.ink;
      ctx.globalAlpha = marked ? 0.9 : 0.2 + 0.12 * rank;
      ctx.lineWidth = (marked ? 1 : 0.3) + 0.6 * rank;
      ctx.stroke();
    }
  }
  ctx.globalAlpha = 1;
}
